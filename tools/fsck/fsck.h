// The checker of a file system's image: what its files share.
//
//	main.c     the program: options, the image in memory
//	check.c    the order of the checks; superblock and journal
//	blocks.c   inodes, the blocks they use, the bitmap
//	tree.c     directories, names, the count of links
//	mend.c     what is needed to mend: new blocks, new names
//	report.c   saying what is wrong
//
// To mend is to check with `mend` set. Where the check finds something wrong it
// then changes the image. What is wrong next, because of the change, the next
// round finds. A file that is whole stays whole: what two files claim is given
// to both, as a copy, and what lost its name gets a new name in the root.
#pragma once
#include "fs/layout.h"

// One check of one image. Arrays are by block or by inode number.
struct fsck {
	uchar *image;    // all of it, in memory
	uint nblocks;    // that the image has
	struct superblock sb;
	uint problems;   // of this round
	bool mend;       // change the image
	bool quiet;      // say nothing
	ushort *owner;   // of a block: the first inode that claims it, or 0
	bool *orphan;    // is this inode in the list of orphans?
	uint *names;     // how many entries refer to this inode
	uint *subdirs;   // how many directories are in this one
	ushort *parent;  // where this directory's name was found, or 0
	uint32_t **twice; // places of block numbers that have another owner
	uint ntwice;
	uint next_free;  // where the search for a free block goes on
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
// Where that number stands; NULL if a table is missing.
uint32_t *fsck_place_of(const struct fsck *f, struct dinode *d, uint index);

// Says what is wrong, and counts it. Says only the first 100 things. Returns
// whether the caller is to mend it.
bool fsck_problem(struct fsck *f, const char *fmt, ...) __printf(2, 3);

// Checks the image in memory: n blocks. Recovers its journal there. Returns the
// number of problems; f keeps the image and the superblock.
uint fsck_image(struct fsck *f, void *bytes, uint n);
// The same, but mends what can be mended. Says what was wrong at first, returns
// the number of problems that are left, and stores that of the first.
uint fsck_mend(struct fsck *f, void *bytes, uint n, uint *first);

// The parts of a check. The superblock is valid.
void fsck_orphans(struct fsck *f);
void fsck_inodes(struct fsck *f);
void fsck_bitmap(struct fsck *f);
void fsck_tree(struct fsck *f);

// ---- To mend ----------------------------------------------------------------
// A block that nobody owns, all zeros, for inode num; 0 if there is none. Only
// after fsck_inodes, which knows all owners.
uint fsck_new_block(struct fsck *f, uint num);
// Notes that the block number at *place has another owner.
void fsck_note_twice(struct fsck *f, uint32_t *place);
// Gives each such place a copy of the block, or a hole if no block is free.
void fsck_copy_twice(struct fsck *f);
// The list of inodes without names becomes empty.
void fsck_cut_orphans(struct fsck *f);
// Gives inode num a name in the root: "#num".
void fsck_attach(struct fsck *f, uint num);
