// Tables of open files. Invariant: each bit of `open` holds one reference to
// the file in fd[] of the same number.
#include "file/files.h"
#include "file/file.h"
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
	return slab_alloc(&tables);
}

struct files *
files_clone(const struct files *t)
{
	struct files *copy = files_new();

	if (!copy)
		return NULL;
	copy->open = t->open;
	for (uint32_t left = t->open; left; left &= left - 1) {
		int fd = __builtin_ctz(left);

		copy->fd[fd] = file_get(t->fd[fd]);
	}
	return copy;
}

void
files_put(struct files *t)
{
	if (!t)
		return;
	for (; t->open; t->open &= t->open - 1)
		file_put(t->fd[__builtin_ctz(t->open)]);
	slab_free(&tables, t);
}
