// What cache.c and dirty.c share, and nobody else.
#pragma once
#include "fs/cache.h"
#include "fs/inode.h"
#include "kern/lock.h"

struct cache {
	struct spinlock lock; // for all below, the table and every page's flags
	struct list lru;      // clean pages, oldest first
	struct list dirty;    // in the order in which they became so
	struct list writing;  // frozen by the commit that is under way
	ushort epoch;         // PG_EPOCH or 0: the mark of pages in `dirty`
	uint ncached, ndirty;
};
extern struct cache cache;

// owner, if it is an inode, has `change` more pages. Holds cache.lock.
void cache_count_pages(void *owner, int change);
