// Tables of open files. Invariant: each bit of `open` holds one reference to
// the file in fd[] of the same number, once a file is there.
#include "file/files.h"
#include "file/file.h"
#include "file/pipe.h"
#include "fs/inode.h"
#include "kern/slab.h"

_Static_assert(NOFILE == 32, "one bit of files->open for each");

static struct slab tables;

void
files_init(void)
{
	slab_init(&tables, "files", sizeof(struct files));
}

struct files *
files_new(void)
{
	struct files *t = slab_alloc(&tables);

	if (t)
		lock_init(&t->lock, "files", RANK_FILES);
	return t;
}

// A number that another thread's call has not filled in yet stays free in the
// copy: that call belongs to the parent alone.
struct files *
files_clone(struct files *t)
{
	struct files *copy = files_new();

	if (!copy)
		return NULL;
	acquire(&t->lock);
	for (uint32_t left = t->open; left; left &= left - 1) {
		int fd = __builtin_ctz(left);

		if (!t->fd[fd] || t->fd[fd]->object)
			continue;
		copy->open |= 1u << fd;
		copy->fd[fd] = file_get(t->fd[fd]);
	}
	copy->cloexec = t->cloexec;
	copy->cwd = inode_get(t->cwd);
	release(&t->lock);
	return copy;
}

// The numbers become free first, so that files_pages looks at no file that is
// about to be freed.
void
files_close(struct files *t)
{
	struct inode *cwd = t->cwd;
	uint32_t left;

	acquire(&t->lock);
	left = t->open;
	t->open = 0;
	t->cwd = NULL;
	release(&t->lock);
	for (; left; left &= left - 1)
		file_put(t->fd[__builtin_ctz(left)]);
	if (cwd)
		inode_put(cwd);
}

// The only thread of the process is here, so nobody else changes the table.
void
files_close_for_exec(struct files *t)
{
	for (uint32_t left = t->open; left; left &= left - 1) {
		int fd = __builtin_ctz(left);
		struct file *f = t->fd[fd];

		if (!f || !(f->object || t->cloexec & 1u << fd))
			continue;
		acquire(&t->lock);
		t->fd[fd] = NULL;
		t->open &= ~(1u << fd);
		release(&t->lock);
		file_put(f);
	}
}

void
files_put(struct files *t)
{
	if (!t)
		return;
	files_close(t);
	slab_free(&tables, t);
}

// A pipe is counted in halves: a process that has one side is charged with one
// half, and a process that has both sides with the whole pipe.
uint
files_pages(struct files *t)
{
	uint sides = 0;

	acquire(&t->lock);
	for (uint32_t left = t->open; left; left &= left - 1) {
		const struct file *f = t->fd[__builtin_ctz(left)];

		sides += f && f->pipe;
	}
	release(&t->lock);
	return sides * PIPE_PAGES / 2;
}

struct inode *
files_cwd(struct files *t)
{
	struct inode *ip;

	acquire(&t->lock);
	ip = inode_get(t->cwd);
	release(&t->lock);
	return ip;
}

void
files_set_cwd(struct files *t, struct inode *ip)
{
	struct inode *old;

	acquire(&t->lock);
	old = t->cwd;
	t->cwd = ip;
	release(&t->lock);
	if (old)
		inode_put(old);
}
