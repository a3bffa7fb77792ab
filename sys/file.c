// Open files: reading and writing whatever a descriptor stands for.
//
// Where the bytes meet user memory: read holds a reference to the cache's page,
// and copies from it with no lock of the file system held; write pins the
// user's page first, so that the file system copies from frame to frame and
// never faults. Both go page by page, and what was moved before an error
// counts.
//
// A file's offset belongs to its `turn`, held for the whole call, so that two
// processes that write through one struct file (a shell's `(a; b) > f`) do not
// write over each other. Pipes and devices have no offset, and their readers
// may wait for ever: they do without it.
#include "sys/file.h"
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/limits.h"
#include "dev/chardev.h"
#include "fs/inode.h"
#include "kern/slab.h"
#include "mm/fault.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/pipe.h"

// A process has one thread, which alone uses its table: no lock. Calls hold a
// reference to the file they work on all the same, so that a lock for fd[] is
// all that threads will need.
struct files {
	uint32_t open;           // bit n is set: fd[n] is in use
	struct file *fd[NOFILE];
};

_Static_assert(NOFILE == 32, "one bit of files->open for each");

static struct slab file_slab;
static struct slab files_slab;

void
file_init(void)
{
	slab_init(&file_slab, "file", sizeof(struct file));
	slab_init(&files_slab, "files", sizeof(struct files));
	pipe_init();
}

// ---- Tables -----------------------------------------------------------------

static struct file *
file_get(struct file *f)
{
	__atomic_add_fetch(&f->refs, 1, __ATOMIC_RELAXED);
	return f;
}

struct files *
files_new(void)
{
	return slab_alloc(&files_slab);
}

struct files *
files_clone(struct files *f)
{
	struct files *copy = files_new();

	if (copy == NULL)
		return NULL;
	copy->open = f->open;
	for (uint32_t left = f->open; left != 0; left &= left - 1) {
		int fd = __builtin_ctz(left);

		copy->fd[fd] = file_get(f->fd[fd]);
	}
	return copy;
}

void
files_put(struct files *f)
{
	for (; f->open != 0; f->open &= f->open - 1)
		file_put(f->fd[__builtin_ctz(f->open)]);
	slab_free(&files_slab, f);
}

// The bit of fd if it is open, else 0.
static uint32_t
fd_bit(const struct files *t, int fd)
{
	return fd >= 0 && fd < NOFILE ? t->open & 1u << fd : 0;
}

struct file *
fd_get(int fd)
{
	struct files *t = proc_this()->files;

	return fd_bit(t, fd) ? file_get(t->fd[fd]) : NULL;
}

bool
fd_room(uint n)
{
	uint32_t free = ~proc_this()->files->open;

	while (n > 0 && free != 0) {
		free &= free - 1;
		n--;
	}
	return n == 0;
}

int
fd_install(struct file *f)
{
	struct files *t = proc_this()->files;
	int fd;

	if (t->open == UINT32_MAX)
		return -EMFILE;
	fd = __builtin_ctz(~t->open);
	t->open |= 1u << fd;
	t->fd[fd] = f;
	return fd;
}

struct file *
fd_remove(int fd)
{
	struct files *t = proc_this()->files;

	if (fd_bit(t, fd) == 0)
		return NULL;
	t->open &= ~(1u << fd);
	return t->fd[fd];
}

// ---- Open files -------------------------------------------------------------

struct file *
file_new(void)
{
	struct file *f = slab_alloc(&file_slab);

	if (f == NULL)
		return NULL;
	f->refs = 1;
	mutex_init(&f->turn, "file", RANK_OFFSET);
	return f;
}

void
file_put(struct file *f)
{
	if (__atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (f->pipe != NULL)
		pipe_close(f->pipe, f->writable);
	if (f->ip != NULL && f->writable && f->type == T_FILE)
		inode_put_write(f->ip);
	if (f->ip != NULL)
		inode_put(f->ip);
	slab_free(&file_slab, f);
}

// ---- Reading ----------------------------------------------------------------

// Copies from f's offset to the end of its page or n bytes, and moves the
// offset. Holds f->turn.
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
	if (err != 0)
		return err;
	f->off += n;
	return n;
}

static int
read_inode(struct file *f, char __user *dst, uint n)
{
	uint done = 0;
	int r = 0;

	mutex_lock(&f->turn);
	while (done < n && !thread_this()->killed) {
		r = read_piece(f, dst + done, n - done);
		if (r <= 0)
			break;
		done += r;
	}
	mutex_unlock(&f->turn);
	return done > 0 ? (int)done : r;
}

// A line that was typed can be read only once. So the user's page is made ready
// first: then only a program that unmaps it meanwhile can lose the line.
static int
read_device(struct file *f, void __user *dst, uint n)
{
	char buf[256];
	struct page *pg;
	int err, got;

	if (f->dev == NULL || f->dev->read == NULL)
		return -ENXIO;
	err = user_page(proc_this()->mm, (vaddr_t)dst, ACCESS_WRITE, &pg);
	if (err != 0)
		return err;
	page_put(pg);
	got = f->dev->read(buf, min_uint(n, sizeof(buf)));
	if (got <= 0)
		return got;
	return copyout(dst, buf, got) != 0 ? -EFAULT : got;
}

int
file_read(struct file *f, void __user *dst, int n)
{
	if (!f->readable)
		return -EBADF;
	if (n <= 0)
		return n < 0 ? -EINVAL : 0;
	if (f->pipe != NULL)
		return pipe_read(f->pipe, dst, n);
	if (f->type == T_DEV)
		return read_device(f, dst, n);
	return read_inode(f, dst, n);
}

// ---- Writing ----------------------------------------------------------------

// Both write up to n bytes from kernel memory, n > 0, and return how many.
static int
write_device(struct file *f, const void *src, uint n)
{
	if (f->dev == NULL || f->dev->write == NULL)
		return -ENXIO;
	return f->dev->write(src, n);
}

// Holds f->turn. Not beyond the end of the file's page.
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

// Pins the user's page and writes what of the n bytes lies in it.
static int
write_piece(struct file *f, vaddr_t src, uint n)
{
	struct page *pg;
	const char *from;
	int r;

	r = user_page(proc_this()->mm, src, ACCESS_READ, &pg);
	if (r != 0)
		return r;
	from = (char *)page_va(pg) + PGOFFSET(src);
	n = min_uint(n, PGSIZE - PGOFFSET(src));
	r = f->type == T_DEV ? write_device(f, from, n)
			     : write_inode(f, from, n);
	page_put(pg);
	return r;
}

static int
write_pieces(struct file *f, vaddr_t src, uint n)
{
	uint done = 0;
	int r = 0;

	while (done < n && !thread_this()->killed) {
		r = write_piece(f, src + done, n - done);
		if (r <= 0)
			break;
		done += r;
	}
	return done > 0 ? (int)done : r;
}

int
file_write(struct file *f, const void __user *src, int n)
{
	int r;

	if (!f->writable)
		return -EBADF;
	if (n <= 0)
		return n < 0 ? -EINVAL : 0;
	if (f->pipe != NULL)
		return pipe_write(f->pipe, src, n);
	if (f->type == T_DEV)
		return write_pieces(f, (vaddr_t)src, n);
	mutex_lock(&f->turn);
	r = write_pieces(f, (vaddr_t)src, n);
	mutex_unlock(&f->turn);
	return r;
}

// ---- Moving about -----------------------------------------------------------

// Where `whence` counts from. Holds f->turn.
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

int
file_seek(struct file *f, int off, int whence)
{
	int64_t to = 0;
	uint base;
	int err;

	if (f->ip == NULL || f->type == T_DEV)
		return -ESPIPE;
	mutex_lock(&f->turn);
	err = seek_base(f, whence, &base);
	if (err == 0) {
		to = (int64_t)base + off;
		err = to < 0 ? -EINVAL : to > INT32_MAX ? -EOVERFLOW : 0;
	}
	if (err == 0)
		f->off = to;
	mutex_unlock(&f->turn);
	return err != 0 ? err : (int)to;
}
