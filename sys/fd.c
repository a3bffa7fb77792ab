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

int
fd_copy(int fd)
{
	struct files *t = proc_this()->files;
	int copy = -EBADF;
	struct file *f;

	acquire(&t->lock);
	f = fd_find(t, fd);
	if (f && t->open == UINT32_MAX) {
		copy = -EMFILE;
	} else if (f) {
		copy = __builtin_ctz(~t->open);
		t->open |= 1u << copy;
		t->fd[copy] = f;
	}
	release(&t->lock);
	if (f && copy < 0)
		file_put(f);
	return copy;
}

int
fd_reserve(void)
{
	struct files *t = proc_this()->files;
	int fd = -EMFILE;

	acquire(&t->lock);
	if (t->open != UINT32_MAX) {
		fd = __builtin_ctz(~t->open);
		t->open |= 1u << fd;
	}
	release(&t->lock);
	return fd;
}

void
fd_install(int fd, struct file *f)
{
	struct files *t = proc_this()->files;

	acquire(&t->lock);
	assert(t->open & 1u << fd && !t->fd[fd]);
	t->fd[fd] = f;
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
