// Directories of an image in memory: find a name, add one.
#include <string.h>

#include "abi/limits.h"
#include "tools/fsput/image.h"

// Entry number i of the directory.
static struct dirent *
entry_at(struct image *im, struct dinode *d, uint i)
{
	uint32_t *slot = image_slot(im, d, i / FS_DPB, false);
	struct dirent *in_block;

	if (!slot || !super_is_data(im->sb, *slot))
		die("%s: a directory has a hole", im->path);
	in_block = image_block(im, *slot);
	return &in_block[i % FS_DPB];
}

// The inode of a directory, or the end of the program.
static struct dinode *
directory(struct image *im, uint num)
{
	struct dinode *d = image_inode(im, num);

	if (d->type != T_DIR || !dinode_valid(d))
		die("%s: inode %u is no directory", im->path, num);
	return d;
}

struct dirent *
image_find(struct image *im, uint dir, const char *name, uint n)
{
	struct dinode *d = directory(im, dir);

	for (uint i = 0; n <= NAME_MAX && i < d->size / 16; i++) {
		struct dirent *e = entry_at(im, d, i);

		if (e->inum && !strncmp(e->name, name, n) &&
		    (n == NAME_MAX || e->name[n] == 0))
			return e;
	}
	return NULL;
}

uint
image_lookup(struct image *im, const char *path)
{
	const char *at = path;
	uint num = FS_ROOT;

	for (at += strspn(at, "/"); *at; at += strspn(at, "/")) {
		uint n = strcspn(at, "/");
		struct dirent *e = image_find(im, num, at, n);

		if (!e)
			die("%s: there is no %s", im->path, path);
		num = e->inum;
		at += n;
	}
	return num;
}

struct dirent *
image_new_entry(struct image *im, uint dir)
{
	struct dinode *d = directory(im, dir);
	uint i, count = d->size / sizeof(struct dirent);

	for (i = 0; i < count; i++)
		if (entry_at(im, d, i)->inum == 0)
			return entry_at(im, d, i);
	if (d->size % FS_BLOCK == 0) {
		uint32_t *slot = image_slot(im, d, i / FS_DPB, true);

		if (*slot)
			die("%s: a directory has a block behind its end",
			    im->path);
		*slot = image_new_block(im);
	}
	d->size += sizeof(struct dirent);
	memset(entry_at(im, d, i), 0, sizeof(struct dirent));
	return entry_at(im, d, i);
}
