// Open files: reading and writing what a descriptor stands for.
//
// Where the bytes meet user memory. A read holds a reference to the cache's
// page and copies from it with no lock of the file system held. A write pins
// the user's page first, so that the file system copies from frame to frame and
// never faults. Both go page by page. What was moved before an error counts.
//
// A file's offset belongs to offset_lock, which is held for the whole call. So
// two processes that write through one struct file (`(a; b) > f` in the shell)
// do not write over each other. Pipes and devices have no offset, and their
// readers may wait for ever: they do not take the lock. Nor does the only
// thread that can reach the file.
#include "file/file.h"
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "dev/chardev.h"
#include "file/pipe.h"
#include "fs/inode.h"
#include "kern/sched.h"
#include "kern/slab.h"
#include "mm/fault.h"
#include "mm/swap.h"
#include "mm/uaccess.h"

static struct slab file_slab;

void
file_init(void)
{
	slab_init(&file_slab, "file", sizeof(struct file));
	pipe_init();
}

// ---- Making and closing -----------------------------------------------------

static struct file *
file_new(void)
{
	struct file *f = slab_alloc(&file_slab);

	if (!f)
		return NULL;
	f->refs = 1;
	mutex_init(&f->offset_lock, "file", RANK_OFFSET);
	return f;
}

// Makes f, of a regular file, a writer of it if the flags say so. A program
// that runs has no writers, and is not emptied either.
static int
open_for_write(struct file *f, int flags)
{
	bool writable = (flags & O_ACCMODE) != O_RDONLY;
	int err = 0;

	if (writable || flags & O_TRUNC)
		err = inode_get_write(f->ip);
	if (err)
		return err;
	f->writable = writable; // file_put gives the count back
	if (flags & O_TRUNC)
		err = inode_truncate(f->ip, 0);
	if (flags & O_TRUNC && !writable)
		inode_put_write(f->ip);
	return err;
}

// Makes f, whose inode is known, what the flags ask for.
static int
file_set_flags(struct file *f, int flags)
{
	int mode = flags & O_ACCMODE, major;

	inode_lock(f->ip);
	f->type = f->ip->type;
	major = f->ip->major;
	inode_unlock(f->ip);
	if (f->type == T_DIR &&
	    (mode != O_RDONLY || flags & (O_CREATE | O_TRUNC)))
		return -EISDIR;
	f->readable = mode != O_WRONLY;
	f->append = (flags & O_APPEND) != 0;
	if (f->type == T_FILE)
		return open_for_write(f, flags);
	f->writable = mode != O_RDONLY;
	if (f->type == T_DEV)
		f->dev = chardev_find(major);
	return 0;
}

int
file_open(struct inode *ip, int flags, struct file **out)
{
	struct file *f = file_new();
	int err;

	if (!f) {
		inode_put(ip);
		return -ENOMEM;
	}
	f->ip = ip;
	err = file_set_flags(f, flags);
	if (err)
		file_put(f);
	*out = f;
	return err;
}

int
file_open_pipe(struct file *out[2])
{
	struct file *r = file_new(), *w = file_new();
	struct pipe *p = pipe_new();

	if (r && w && p) {
		r->readable = w->writable = true;
		r->pipe = w->pipe = p;
		out[0] = r;
		out[1] = w;
		return 0;
	}
	if (p) {
		pipe_close(p, false);
		pipe_close(p, true);
	}
	slab_free(&file_slab, w);
	slab_free(&file_slab, r);
	return -ENOMEM;
}

int
file_open_object(void *object, void (*end)(void *), struct file **out)
{
	struct file *f = file_new();

	if (!f)
		return -ENOMEM;
	f->object = object;
	f->object_end = end;
	*out = f;
	return 0;
}

void
file_put(struct file *f)
{
	if (__atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (f->pipe)
		pipe_close(f->pipe, f->writable);
	if (f->object)
		f->object_end(f->object);
	if (f->ip && f->writable && f->type == T_FILE)
		inode_put_write(f->ip);
	if (f->ip)
		inode_put(f->ip);
	slab_free(&file_slab, f);
}

// A file with one reference belongs to the table of a process with one thread,
// the running one: other callers hold a reference of their own (sys/fd.h). So
// nobody else can use the offset.
static bool
is_ours(const struct file *f)
{
	return f->refs == 1;
}

// ---- Reading ----------------------------------------------------------------

// Copies from f's offset to the end of its page or n bytes, and moves the
// offset. The offset is held.
static int
read_piece(struct file *f, char __user *dst, uint n)
{
	struct page *pg;
	int have, err;

	have = inode_read(f->ip, f->off, &pg);
	if (have <= 0)
		return have;
	n = min_uint(n, have);
	err = copyout(dst, (char *)page_va(pg) + PGOFFSET(f->off), n);
	page_put(pg);
	if (err)
		return err;
	f->off += n;
	return n;
}

static int
read_pieces(struct file *f, char __user *dst, uint n)
{
	uint done = 0;
	int r = 0;

	while (done < n && !thread_this()->killed) {
		r = read_piece(f, dst + done, n - done);
		if (r <= 0)
			break;
		done += r;
	}
	return done > 0 ? (int)done : r;
}

static int
read_inode(struct file *f, char __user *dst, uint n)
{
	int r;

	if (is_ours(f))
		return read_pieces(f, dst, n);
	mutex_lock(&f->offset_lock);
	r = read_pieces(f, dst, n);
	mutex_unlock(&f->offset_lock);
	return r;
}

// A line that was typed can be read only once. So the user's page is made ready
// first: then only a program that unmaps the page meanwhile can lose the line.
static int
read_device(struct file *f, struct mm *mm, void __user *dst, uint n)
{
	char buf[256];
	struct page *pg;
	int err, got;

	if (!f->dev || !f->dev->read)
		return -ENXIO;
	err = user_page(mm, (vaddr_t)dst, ACCESS_WRITE, &pg);
	if (err)
		return err;
	swap_page_put(pg);
	got = f->dev->read(buf, min_uint(n, sizeof(buf)));
	if (got <= 0)
		return got;
	return copyout(dst, buf, got) ? -EFAULT : got;
}

int
file_read(struct file *f, struct mm *mm, void __user *dst, int n)
{
	if (!f->readable)
		return -EBADF;
	if (n <= 0)
		return n < 0 ? -EINVAL : 0;
	if (f->pipe)
		return pipe_read(f->pipe, dst, n);
	if (f->type == T_DEV)
		return read_device(f, mm, dst, n);
	return read_inode(f, dst, n);
}

// ---- Writing ----------------------------------------------------------------

// This and write_inode write up to n bytes, n > 0, from kernel memory. They
// return how many.
static int
write_device(struct file *f, const void *src, uint n)
{
	if (!f->dev || !f->dev->write)
		return -ENXIO;
	return f->dev->write(src, n);
}

// The offset is held. Not beyond the end of the file's page.
static int
write_inode(struct file *f, const void *src, uint n)
{
	uint off = f->append ? INODE_END : f->off;
	int r;

	if (!f->append)
		n = min_uint(n, PGSIZE - PGOFFSET(off));
	r = inode_write(f->ip, &off, src, n);
	if (r > 0)
		f->off = off + r;
	return r;
}

// Pins the user's page and writes those of the n bytes that lie in it.
static int
write_piece(struct file *f, struct mm *mm, vaddr_t src, uint n)
{
	struct page *pg;
	const char *from;
	int r;

	r = user_page(mm, src, ACCESS_READ, &pg);
	if (r)
		return r;
	from = (char *)page_va(pg) + PGOFFSET(src);
	n = min_uint(n, PGSIZE - PGOFFSET(src));
	r = f->type == T_DEV ? write_device(f, from, n)
			     : write_inode(f, from, n);
	swap_page_put(pg);
	return r;
}

static int
write_pieces(struct file *f, struct mm *mm, vaddr_t src, uint n)
{
	uint done = 0;
	int r = 0;

	while (done < n && !thread_this()->killed) {
		r = write_piece(f, mm, src + done, n - done);
		if (r <= 0)
			break;
		done += r;
	}
	return done > 0 ? (int)done : r;
}

int
file_write(struct file *f, struct mm *mm, const void __user *src, int n)
{
	int r;

	if (!f->writable)
		return -EBADF;
	if (n <= 0)
		return n < 0 ? -EINVAL : 0;
	if (f->pipe)
		return pipe_write(f->pipe, src, n);
	if (f->type == T_DEV || is_ours(f))
		return write_pieces(f, mm, (vaddr_t)src, n);
	mutex_lock(&f->offset_lock);
	r = write_pieces(f, mm, (vaddr_t)src, n);
	mutex_unlock(&f->offset_lock);
	return r;
}

// ---- Seeking ----------------------------------------------------------------

// The offset from which `whence` counts. The offset is held.
static int
seek_base(struct file *f, int whence, uint *base)
{
	struct stat st;

	*base = 0;
	if (whence == SEEK_CUR) {
		*base = f->off;
	} else if (whence == SEEK_END) {
		inode_stat(f->ip, &st);
		*base = st.size;
	} else if (whence != SEEK_SET) {
		return -EINVAL;
	}
	return 0;
}

// The offset is held.
static int
seek_to(struct file *f, int off, int whence)
{
	int64_t to;
	uint base;
	int err = seek_base(f, whence, &base);

	if (err)
		return err;
	to = (int64_t)base + off;
	if (to < 0)
		return -EINVAL;
	if (to > INT32_MAX)
		return -EOVERFLOW;
	f->off = to;
	return to;
}

int
file_seek(struct file *f, int off, int whence)
{
	int r;

	if (!f->ip || f->type == T_DEV)
		return -ESPIPE;
	if (is_ours(f))
		return seek_to(f, off, whence);
	mutex_lock(&f->offset_lock);
	r = seek_to(f, off, whence);
	mutex_unlock(&f->offset_lock);
	return r;
}
