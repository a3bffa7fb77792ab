// Where the pages of a file lie on disk. All functions hold ip->lock and may
// sleep.
#pragma once
#include "fs/itable.h"
#include "fs/log.h"

// *block gets the block of page `index` of ip, or 0 for a hole. *run gets the
// number of pages, from this one on, that lie in consecutive blocks: at least
// 1, at most max. 0, -EIO, -ENOMEM.
int map_find(struct inode *ip, uint index, uint max, uint *block, uint *run)
	__must_check;

// *n gets the number of blocks that map_alloc takes for page `index`, which is
// a hole. MAP_CREDITS is its number of credits, with the update of ip. 0, -EIO,
// -ENOMEM.
int map_need(struct inode *ip, uint index, uint *n) __must_check;
#define MAP_CREDITS 6
// Gives a block to pg, a page of ip that has none. 0, or -EIO, -ENOMEM with
// nothing changed. The caller calls itable_update.
int map_alloc(struct log_op *op, struct inode *ip, struct page *pg)
	__must_check;

// Makes ip as short as size, in operations of bounded size. Each of them leaves
// a sound file. 0, or -EIO, -ENOMEM, -EROFS: then the size is in between.
int map_cut(struct inode *ip, uint size) __must_check;
