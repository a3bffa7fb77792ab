// What fsck.c and fscktree.c share.
#pragma once
#include "fs/layout.h"

struct fsck {
	uchar *image;  // all of it, in memory
	uint nblocks;  // that the image has
	struct superblock sb;
	ushort *owner; // of a block: the first inode that claims it, or 0
	bool *orphan;  // of an inode: is it in that list?
	uint problems;
};
extern struct fsck fsck_state;

// Says what is wrong, and counts it.
void fsck_problem(const char *fmt, ...) __printf(1, 2);

static inline void *
fsck_block(uint b)
{
	return fsck_state.image + (size_t)b * FS_BLOCK;
}

static inline struct dinode *
fsck_dinode(uint num)
{
	struct dinode *in_block =
		fsck_block(super_inode_block(&fsck_state.sb, num));

	return &in_block[num % FS_IPB];
}

// Checks all directories and link counts.
void fsck_tree(void);
