// What the cache's own files share: cache.c, dirty.c, reclaim.c.
#pragma once
#include "kern/lock.h"
#include "lib/list.h"

struct cache {
	struct spinlock lock; // for all below, the table and every page's flags
	struct list lru;      // clean pages, oldest first
	struct list dirty;    // in the order in which they became so
	struct list writing;  // frozen by the commit that is under way
	ushort epoch;         // PG_EPOCH or 0: the mark of pages in `dirty`
	uint ncached, ndirty;
};
extern struct cache cache;
