// System calls about memory.
#include "abi/errno.h"
#include "abi/info.h"
#include "abi/mman.h"
#include "dev/blk.h"
#include "file/file.h"
#include "fs/fs.h"
#include "lib/string.h"
#include "mm/fault.h"
#include "mm/pageout.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/call.h"
#include "sys/fd.h"
#include "sys/guestcall.h"
#include "sys/procinfo.h"
#include "sys/reclaim.h"

int
sys_sbrk(struct call *c)
{
	int n = c->arg[0], err;
	vaddr_t old;

	if (n > 0 && !reclaim_can_promise())
		return -ENOMEM;
	err = mm_sbrk(proc_this()->mm, n, &old);
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

int
sys_mmap(struct call *c)
{
	struct map_request r = {
		.addr = c->arg[0],
		.len = c->arg[1],
		.prot = c->arg[2],
		.flags = c->arg[3],
	};
	struct file *f = NULL;
	vaddr_t at;
	int err = 0;

	if (!reclaim_can_promise())
		return -ENOMEM;
	if (!(r.flags & MAP_ANONYMOUS)) {
		f = fd_get(c->arg[4]);
		if (!f)
			return -EBADF;
		err = may_map(f, r.prot, r.flags);
		r.flags = map_flags(f, r.flags);
		r.ip = f->ip;
		r.off = c->arg[5];
	}
	if (!err)
		err = mm_mmap(proc_this()->mm, &r, &at);
	if (f)
		file_put(f);
	return err ? err : (int)at;
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

// vminfo(pid, to, n): the first n bytes of what is known about process pid, or,
// for pid 0, about the machine.
int
sys_vminfo(struct call *c)
{
	union {
		struct vminfo all;
		struct vmproc one;
	} v;
	uint n = sizeof(v.all);
	int err = 0;

	if (c->arg[0] == 0) {
		memset(&v, 0, sizeof(v));
		swap_count(&v.all);
		pageout_count(&v.all);
		tlb_count(&v.all);
		fault_count(&v.all);
		guestcall_count(&v.all);
	} else {
		n = sizeof(v.one);
		err = procinfo_memory(c->arg[0], &v.one);
	}
	if (err)
		return err;
	return copyout((void __user *)c->arg[1], &v, min_uint(n, c->arg[2]));
}

// The table is copied to a page of the kernel first, because locks are held
// while it is copied and a page of the user may have to be read from a disk.
int
sys_ptwindow(struct call *c)
{
	void *page = kalloc();
	int n, err = 0;

	if (!page)
		return -ENOMEM;
	n = procinfo_window(c->arg[0], c->arg[1], page);
	if (n > 0)
		err = copyout((void __user *)c->arg[2], page, PGSIZE);
	kfree(page);
	return err ? err : n;
}

int
sys_areaname(struct call *c)
{
	char name[AREA_NAME] = "";
	int err = procinfo_area(c->arg[0], c->arg[1], name);

	return err ? err
		   : copyout((void __user *)c->arg[2], name, sizeof(name));
}
