// An image of a file system in memory: what fsput and fsget read and change.
//
// The bytes are a private copy of the file, so that a change reaches the disk
// only through image_save. Every function here ends the program with a message
// if the image is damaged or full: the user's disk is then as it was.
#pragma once
#include "fs/layout.h"
#include "tools/fsput/disk.h"

struct image {
	struct disk disk;
	const char *path;
	uint nblocks; // that the file has
	struct superblock *sb;
	bool changed; // since image_open; a replayed journal counts too
};

// Opens the image; dies if it holds no file system of ours. Finishes the
// transaction in the journal, as a mount does.
void image_open(struct image *im, const char *path);
// Writes the image beside itself, has it checked by the program `fsck`, and
// gives it its name. Does nothing if nothing has changed.
void image_save(struct image *im, const char *fsck);

// Block number b of the image.
void *image_block(const struct image *im, uint b);
// Inode number num.
struct dinode *image_inode(const struct image *im, uint num);
// Where the number of the block of page `index` of d stands. With make, tables
// that are missing are made; without it NULL stands for a missing table.
uint32_t *image_slot(struct image *im, struct dinode *d, uint index, bool make);
// A free block, filled with zeros and marked as used.
uint image_new_block(struct image *im);
// The number of a free inode.
uint image_new_inode(struct image *im);
// Makes d an empty file: frees its blocks and tables.
void image_truncate(struct image *im, struct dinode *d);

// The entry of the name (of n bytes) in directory dir, or NULL.
struct dirent *image_find(struct image *im, uint dir, const char *name, uint n);
// The inode number of a path from the root. Dies if there is none.
uint image_lookup(struct image *im, const char *path);
// An unused entry of directory dir, which grows if it is full.
struct dirent *image_new_entry(struct image *im, uint dir);
