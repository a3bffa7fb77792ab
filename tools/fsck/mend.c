// fsck -y: what is needed to mend an image. The checks themselves decide what
// is changed (tools/fsck/fsck.h).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fsck/fsck.h"

// ---- Blocks -----------------------------------------------------------------

uint
fsck_new_block(struct fsck *f, uint num)
{
	uint b = f->next_free ? f->next_free : f->sb.data_start;

	while (b < f->sb.blocks && f->owner[b])
		b++;
	f->next_free = b;
	if (b == f->sb.blocks)
		return 0;
	f->owner[b] = (ushort)num;
	memset(fsck_block(f, b), 0, FS_BLOCK);
	return b;
}

void
fsck_note_twice(struct fsck *f, uint32_t *place)
{
	size_t n = f->ntwice;

	// Space for twice as many, whenever the count is a power of two.
	if ((n & (n - 1)) == 0)
		f->twice = realloc(f->twice, 2 * (n + 1) * sizeof(*f->twice));
	if (!f->twice)
		abort();
	f->twice[f->ntwice++] = place;
}

// The copy belongs to whoever owns the block: the next round knows better.
void
fsck_copy_twice(struct fsck *f)
{
	for (uint i = 0; i < f->ntwice; i++) {
		uint old = *f->twice[i];
		uint b = fsck_new_block(f, f->owner[old]);

		if (b)
			memcpy(fsck_block(f, b), fsck_block(f, old), FS_BLOCK);
		*f->twice[i] = b;
	}
	free(f->twice);
	f->twice = NULL;
	f->ntwice = 0;
}

// Entry i of table `block`, NULL if the table's own number is wrong.
static uint32_t *
place_in(const struct fsck *f, uint block, uint i)
{
	uint32_t *e = fsck_block(f, block);

	return super_is_data(&f->sb, block) ? e + i : NULL;
}

uint32_t *
fsck_place_of(const struct fsck *f, struct dinode *d, uint index)
{
	uint i = index - FS_NDIRECT;
	uint32_t *leaf;

	if (index < FS_NDIRECT)
		return &d->addrs[index];
	if (index < FS_DOUBLE_FIRST)
		return place_in(f, d->addrs[FS_INDIRECT], i);
	leaf = place_in(f, d->addrs[FS_DOUBLE], i / FS_PTRS - 1);
	return leaf ? place_in(f, *leaf, i % FS_PTRS) : NULL;
}

uint
fsck_block_of(const struct fsck *f, const struct dinode *d, uint index)
{
	const uint32_t *place = fsck_place_of(f, (struct dinode *)d, index);

	return place && super_is_data(&f->sb, *place) ? *place : 0;
}

// ---- Orphans ----------------------------------------------------------------

// Inodes that were in the list have no names then. The next round finds them.
void
fsck_cut_orphans(struct fsck *f)
{
	struct superblock *sb = fsck_block(f, FS_SUPER);

	sb->orphan = f->sb.orphan = 0;
}

// ---- Names ------------------------------------------------------------------

// A free entry of the root, which grows if need be. NULL: there is no room.
static struct dirent *
new_entry(struct fsck *f)
{
	struct dinode *root = fsck_dinode(f, FS_ROOT);
	uint n = root->size / sizeof(struct dirent), i = 2;
	struct dirent *e;

	for (; i < n; i++) {
		uint b = fsck_block_of(f, root, i / FS_DPB);

		e = fsck_block(f, b);
		if (b && !e[i % FS_DPB].inum)
			return &e[i % FS_DPB];
	}
	if (i / FS_DPB < FS_NDIRECT && !root->addrs[i / FS_DPB])
		root->addrs[i / FS_DPB] = fsck_new_block(f, FS_ROOT);
	e = fsck_block(f, fsck_block_of(f, root, i / FS_DPB));
	if (!fsck_block_of(f, root, i / FS_DPB))
		return NULL;
	root->size = (i + 1) * sizeof(struct dirent);
	return &e[i % FS_DPB];
}

void
fsck_attach(struct fsck *f, uint num)
{
	struct dirent *e = new_entry(f);

	if (!e)
		return;
	memset(e, 0, sizeof(*e));
	e->inum = (ushort)num;
	snprintf(e->name, sizeof(e->name), "#%u", num);
	f->names[num]++;
}
