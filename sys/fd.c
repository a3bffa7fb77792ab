// File descriptors: the running process's view of its struct files.
#include "sys/fd.h"
#include "abi/errno.h"
#include "file/file.h"
#include "file/files.h"
#include "lib/assert.h"
#include "proc.h"

// The place of fd if a file is there, else NULL. Holds t->lock, as fd_find
// does, or is the only thread.
static struct file **
fd_place(struct files *t, int fd)
{
	return fd >= 0 && fd < NOFILE && t->fd[fd] ? &t->fd[fd] : NULL;
}

static struct file *
fd_find(struct files *t, int fd)
{
	struct file **place = fd_place(t, fd);

	return place ? file_get(*place) : NULL;
}

// Only the threads of the process change its table. The only thread needs no
// lock to look at it.
struct file *
fd_peek(int fd)
{
	struct file **place = fd_place(proc_this()->files, fd);

	return place ? *place : NULL;
}

struct file *
fd_get(int fd)
{
	struct files *t = proc_this()->files;
	struct file *f;

	acquire(&t->lock);
	f = fd_find(t, fd);
	release(&t->lock);
	return f;
}

// Takes the lowest free number from `first` on. -EMFILE. Holds t->lock.
static int
take_number(struct files *t, int first)
{
	uint32_t unused = ~t->open & ~0u << first;
	int fd;

	if (!unused)
		return -EMFILE;
	fd = __builtin_ctz(unused);
	t->open |= 1u << fd;
	t->cloexec &= ~(1u << fd);
	return fd;
}

int
fd_copy(int fd, int first)
{
	struct files *t = proc_this()->files;
	int copy = -EBADF;
	struct file *f;

	acquire(&t->lock);
	f = fd_find(t, fd);
	if (f)
		copy = take_number(t, first);
	if (copy >= 0)
		t->fd[copy] = f;
	release(&t->lock);
	if (f && copy < 0)
		file_put(f);
	return copy;
}

int
fd_reserve(void)
{
	struct files *t = proc_this()->files;
	int fd;

	acquire(&t->lock);
	fd = take_number(t, 0);
	release(&t->lock);
	return fd;
}

int
fd_cloexec(int fd)
{
	struct files *t = proc_this()->files;
	int set = -EBADF;

	acquire(&t->lock);
	if (fd_place(t, fd))
		set = t->cloexec >> fd & 1;
	release(&t->lock);
	return set;
}

int
fd_set_cloexec(int fd, bool set)
{
	struct files *t = proc_this()->files;
	int err = -EBADF;

	acquire(&t->lock);
	if (fd_place(t, fd)) {
		t->cloexec &= ~(1u << fd);
		t->cloexec |= (uint32_t)set << fd;
		err = 0;
	}
	release(&t->lock);
	return err;
}

void
fd_install(int fd, struct file *f, bool cloexec)
{
	struct files *t = proc_this()->files;

	acquire(&t->lock);
	assert(t->open & 1u << fd && !t->fd[fd]);
	t->fd[fd] = f;
	t->cloexec |= (uint32_t)cloexec << fd;
	release(&t->lock);
}

void
fd_cancel(int fd)
{
	struct files *t = proc_this()->files;

	acquire(&t->lock);
	assert(t->open & 1u << fd && !t->fd[fd]);
	t->open &= ~(1u << fd);
	release(&t->lock);
}

struct file *
fd_remove(int fd)
{
	struct files *t = proc_this()->files;
	struct file **place, *f = NULL;

	acquire(&t->lock);
	place = fd_place(t, fd);
	if (place) {
		f = *place;
		*place = NULL;
		t->open &= ~(1u << fd);
	}
	release(&t->lock);
	return f;
}
