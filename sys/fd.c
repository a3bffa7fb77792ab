// File descriptors: the running process's view of its struct files.
#include "sys/fd.h"
#include "abi/errno.h"
#include "file/file.h"
#include "file/files.h"
#include "proc.h"

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

	for (; n > 0 && free; n--)
		free &= free - 1;
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

	if (!fd_bit(t, fd))
		return NULL;
	t->open &= ~(1u << fd);
	return t->fd[fd];
}
