// System calls about memory.
#include "abi/errno.h"
#include "abi/info.h"
#include "abi/mman.h"
#include "dev/blk.h"
#include "file/file.h"
#include "fs/fs.h"
#include "lib/string.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/call.h"
#include "sys/fd.h"
#include "sys/procinfo.h"

int
sys_sbrk(struct call *c)
{
	vaddr_t old;
	int err = mm_sbrk(proc_this()->mm, c->arg[0], &old);

	return err ? err : (int)old;
}

// May f be mapped with this protection? A private mapping only reads the file.
// Writing to a shared one writes the file.
static int
may_map(const struct file *f, int prot, int flags)
{
	if (f->type != T_FILE)
		return -ENODEV;
	if (!f->readable)
		return -EACCES;
	if (flags & MAP_SHARED && prot & PROT_WRITE && !f->writable)
		return -EACCES;
	return 0;
}

// The flags for mm: a shared mapping of a file that was opened for reading must
// not become writable by mprotect either.
static int
map_flags(const struct file *f, int flags)
{
	return flags & MAP_SHARED && !f->writable ? flags | MM_NO_WRITE : flags;
}

// The words are addr, len, prot, flags, fd, off.
static int
call_mmap(struct call *c, int flags, struct inode *ip, uint off)
{
	vaddr_t at;
	int err = mm_mmap(proc_this()->mm, c->arg[0], c->arg[1], c->arg[2],
			  flags, ip, off, &at);

	return err ? err : (int)at;
}

int
sys_mmap(struct call *c)
{
	int prot = c->arg[2], flags = c->arg[3], r;
	struct file *f;

	if (flags & MAP_ANONYMOUS)
		return call_mmap(c, flags, NULL, 0);
	f = fd_get(c->arg[4]);
	if (!f)
		return -EBADF;
	r = may_map(f, prot, flags);
	if (!r)
		r = call_mmap(c, map_flags(f, flags), f->ip, c->arg[5]);
	file_put(f);
	return r;
}

int
sys_munmap(struct call *c)
{
	return mm_munmap(proc_this()->mm, c->arg[0], c->arg[1]);
}

int
sys_mprotect(struct call *c)
{
	return mm_mprotect(proc_this()->mm, c->arg[0], c->arg[1], c->arg[2]);
}

int
sys_msync(struct call *c)
{
	if ((c->arg[2] & ~(MS_ASYNC | MS_SYNC)) != 0)
		return -EINVAL;
	return mm_msync(proc_this()->mm, c->arg[0], c->arg[1]);
}

int
sys_meminfo(struct call *c)
{
	struct meminfo m;

	memset(&m, 0, sizeof(m));
	fs_meminfo(&m);
	m.total = kalloc_total();
	m.free = kalloc_free();
	m.waits = blk_counts.waits;
	m.reads = blk_counts.reads;
	m.writes = blk_counts.writes;
	return copyout((void __user *)c->arg[0], &m, sizeof(m));
}

// The table is copied to a page of the kernel first, because locks are held
// while it is copied and a page of the user may have to be read from a disk.
int
sys_ptwindow(struct call *c)
{
	void *page = kalloc();
	int err;

	if (!page)
		return -ENOMEM;
	err = procinfo_window(c->arg[0], c->arg[1], page);
	if (!err)
		err = copyout((void __user *)c->arg[2], page, PGSIZE);
	kfree(page);
	return err;
}
