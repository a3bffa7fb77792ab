// Blocks and inodes of an image in memory.
//
// Invariant: a block is marked in the bitmap exactly if a file, a table or the
// metadata uses it. fsck checks that before an image takes its name.
#include <string.h>

#include "tools/fsput/image.h"

void *
image_block(const struct image *im, uint b)
{
	if (b >= im->nblocks)
		die("%s: block %u is outside of the image", im->path, b);
	return im->disk.bytes + (size_t)b * FS_BLOCK;
}

struct dinode *
image_inode(const struct image *im, uint num)
{
	struct dinode *in_block;

	if (!super_is_inode(im->sb, num))
		die("%s: there is no inode %u", im->path, num);
	in_block = image_block(im, super_inode_block(im->sb, num));
	return &in_block[num % FS_IPB];
}

// The word of the bitmap that holds block b's bit.
static uint32_t *
bitmap_word(const struct image *im, uint b)
{
	uint32_t *words = image_block(im, im->sb->bitmap_start + b / FS_BITS);

	return &words[b % FS_BITS / 32];
}

uint
image_new_block(struct image *im)
{
	for (uint b = im->sb->data_start; b < im->sb->blocks; b++) {
		uint32_t *word = bitmap_word(im, b), bit = 1u << (b % 32);

		if (*word & bit)
			continue;
		*word |= bit;
		memset(image_block(im, b), 0, FS_BLOCK);
		im->changed = true;
		return b;
	}
	die("%s is full", im->path);
}

static void
free_block(struct image *im, uint32_t *slot)
{
	uint b = *slot;

	if (b == 0)
		return;
	if (!super_is_data(im->sb, b))
		die("%s: a file owns block %u, which holds no data", im->path,
		    b);
	*bitmap_word(im, b) &= ~(1u << (b % 32));
	*slot = 0;
	im->changed = true;
}

uint
image_new_inode(struct image *im)
{
	for (uint num = FS_ROOT + 1; num < im->sb->inodes; num++)
		if (image_inode(im, num)->type == 0)
			return num;
	die("%s has no free inode", im->path);
}

// ---- The tables of a file ---------------------------------------------------

// The table whose number stands in *slot; NULL if there is none and !make.
static uint32_t *
table(struct image *im, uint32_t *slot, bool make)
{
	if (*slot == 0) {
		if (!make)
			return NULL;
		*slot = image_new_block(im);
	}
	if (!super_is_data(im->sb, *slot))
		die("%s: block %u cannot be a table", im->path, *slot);
	return image_block(im, *slot);
}

uint32_t *
image_slot(struct image *im, struct dinode *d, uint index, bool make)
{
	uint i = index - FS_NDIRECT;
	uint32_t *entries;

	if (index < FS_NDIRECT)
		return &d->addrs[index];
	if (index < FS_DOUBLE_FIRST) {
		entries = table(im, &d->addrs[FS_INDIRECT], make);
		return entries ? &entries[i] : NULL;
	}
	i -= FS_PTRS;
	entries = table(im, &d->addrs[FS_DOUBLE], make);
	if (!entries)
		return NULL;
	entries = table(im, &entries[i / FS_PTRS], make);
	return entries ? &entries[i % FS_PTRS] : NULL;
}

// Frees the table in *slot and all that its entries name. depth 1: they name
// blocks of the file; depth 2: tables.
static void
free_table(struct image *im, uint32_t *slot, uint depth)
{
	uint32_t *entries = table(im, slot, false);

	for (uint i = 0; entries && i < FS_PTRS; i++) {
		if (depth > 1)
			free_table(im, &entries[i], depth - 1);
		else
			free_block(im, &entries[i]);
	}
	free_block(im, slot);
}

void
image_truncate(struct image *im, struct dinode *d)
{
	for (uint i = 0; i < FS_NDIRECT; i++)
		free_block(im, &d->addrs[i]);
	free_table(im, &d->addrs[FS_INDIRECT], 1);
	free_table(im, &d->addrs[FS_DOUBLE], 2);
	d->size = 0;
	im->changed = true;
}
