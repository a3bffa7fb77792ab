// Where a file's pages lie on disk. Holds ip->lock: everything here. All sleep.
#pragma once
#include "fs/itable.h"
#include "fs/log.h"

// The block of page `index` of ip, 0 for a hole, and in *run how many pages
// from there on lie in consecutive blocks (at least 1, at most max). 0, -EIO,
// -ENOMEM.
int map_find(struct inode *ip, uint index, uint max, uint *block, uint *run)
	__must_check;

// How many blocks map_alloc needs for page `index`, which is a hole; and its
// credits, with which ip can be updated too. 0, -EIO, -ENOMEM.
int map_need(struct inode *ip, uint index, uint *n) __must_check;
#define MAP_CREDITS 6
// Gives pg, a page of ip without a block, one. 0, or -EIO, -ENOMEM with nothing
// changed. The caller updates ip (itable_update).
int map_alloc(struct log_op *op, struct inode *ip, struct page *pg)
	__must_check;

// Shrinks ip to size in operations of bounded size, each of which leaves a
// sound file. 0, -EIO, -ENOMEM, -EROFS: then the file has some size in between.
int map_cut(struct inode *ip, uint size) __must_check;
