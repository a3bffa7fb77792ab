// The checker of a file system's image: what its files share.
//
//	main.c     the program: options, the image in memory
//	check.c    the order of the checks; superblock and journal
//	blocks.c   inodes, the blocks they use, the bitmap
//	tree.c     directories, names, the count of links
//	report.c   saying what is wrong
#pragma once
#include "fs/layout.h"

// One check of one image. Arrays are by block or by inode number.
struct fsck {
	uchar *image;    // all of it, in memory
	uint nblocks;    // that the image has
	struct superblock sb;
	uint problems;   // said so far, or counted
	ushort *owner;   // of a block: the first inode that claims it, or 0
	bool *orphan;    // is this inode in the list of orphans?
	uint *names;     // how many entries refer to this inode
	uint *subdirs;   // how many directories are in this one
	ushort *parent;  // where this directory's name was found, or 0
};

static inline void *
fsck_block(const struct fsck *f, uint block)
{
	return f->image + (size_t)block * FS_BLOCK;
}

static inline struct dinode *
fsck_dinode(const struct fsck *f, uint num)
{
	struct dinode *in_block = fsck_block(f, super_inode_block(&f->sb, num));

	return &in_block[num % FS_IPB];
}

// The block of page `index` of the file, 0 for a hole or a wrong number.
uint fsck_block_of(const struct fsck *f, const struct dinode *d, uint index);

// Says what is wrong, and counts it. Says only the first 100 things.
void fsck_problem(struct fsck *f, const char *fmt, ...) __printf(2, 3);

// Checks the image in memory: n blocks. Recovers its journal there. Returns the
// number of problems; f keeps the image and the superblock.
uint fsck_image(struct fsck *f, void *bytes, uint n);

// The parts of it. The superblock is valid.
void fsck_orphans(struct fsck *f);
void fsck_inodes(struct fsck *f);
void fsck_bitmap(struct fsck *f);
void fsck_tree(struct fsck *f);
