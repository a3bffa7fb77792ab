// Who owns pages of the cache, and what else must hear when pages change:
// programs map pages of files, which only mm knows. So mm registers hooks.
#pragma once
#include "lib/types.h"

struct inode;
struct page;

// It stays in memory while it has pages. A file's is in its inode.
struct page_owner {
	struct inode *ip; // [I] the file; NULL: the disk's metadata
	uint npages;      // the cache's lock: its pages in the cache
};

// Called with no spinlock held: take pages [first, last] of ip, and private
// copies of them, out of every map; write-protect page `index` in every map,
// true if any map had written to it since.
struct map_hooks {
	void (*unmap)(struct inode *ip, uint first, uint last);
	bool (*clean)(struct inode *ip, uint index);
};
void owner_set_hooks(const struct map_hooks *h);

// These call the hooks of their names. Without hooks they do nothing, as nobody
// maps anything then. owner is a file's.
void owner_unmap(struct page_owner *owner, uint first, uint last);
void owner_clean(struct page_owner *owner, uint index);
