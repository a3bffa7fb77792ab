// The cache: pages of memory that hold blocks of the disk, found by (owner,
// index). A file owns its pages, and index counts the pages of the file. All
// metadata has one owner, and index is the block.
//
//	       cache_fill            cache_dirty      commit takes it
//	(absent) --> BUSY --> FILLED, clean -----> DIRTY -------> WRITING
//	    ^          |  error   | in lru  <------------------------/
//	    +----------+----------+ cache_shrink, cache_cut
//
// Invariants: a page in the hash table has an owner, and the cache has one
// reference to it. A page in `lru` is clean. A page in `dirty` or `writing` is
// DIRTY. The bytes behind the end of a file are zeros in its last page, unless
// the inode has stale_tail set (fs/write.c).
#pragma once
#include "fs/owner.h"
#include "fs/super.h"
#include "kalloc.h"

#define PG_FILLED  0x01 // it has the bytes of the block
#define PG_BUSY    0x02 // somebody reads it from disk
#define PG_DIRTY   0x04 // data of a file that is newer than the disk
#define PG_EPOCH   0x08 // which of the two lists of dirty pages it is in
#define PG_WRITING 0x10 // on its way to the disk, in no list
#define PG_USED    0x20 // looked up since cache_shrink last passed it
#define PG_LOGGED  0x40 // in the running transaction
#define PG_MAPPED  0x80 // a program may have mapped it writable

// Makes the hash table. Once, at the start, when there is memory for it.
void cache_init(void);

// The page with a reference, or NULL if it is absent or not filled. Never
// sleeps.
struct page *cache_find(const struct page_owner *owner, uint index);
// The same for the n pages from index on: out[i] is page index + i, or NULL.
void cache_find_run(const struct page_owner *owner, uint index, uint n,
		    struct page **out);

// *pg gets the page, filled, with a reference. An absent page is read from
// `block`; block 0 is a hole and gives zeros. The same request reads up to run
// - 1 pages that follow, whose blocks follow too, as far as they are absent.
// Bytes from `end` on are set to zero; `end` counts from the start of the first
// page. 0, -EIO, -ENOMEM. Sleeps.
struct cache_where {
	struct page_owner *owner;
	uint index, block, run, end;
};
int cache_fill(const struct cache_where *w, struct page **pg) __must_check;

// *pg gets the page with a reference, without reading the disk. Returns 0 if
// the page was there; 1 if it is new: then it has those n bytes, and zeros
// behind them, before anybody sees it; or -EIO, -ENOMEM.
int cache_new(struct page_owner *owner, uint index, const void *bytes, uint n,
	      struct page **pg) __must_check;

// Marks a page with data of a file: it must reach the disk. False if the page
// has left the cache.
bool cache_dirty(struct page *pg);
// The same for a page that is to be mapped writable.
bool cache_dirty_mapped(struct page *pg);

// Marks the page as part of the running transaction; false if it is already.
// cache_unlog removes the mark when the transaction freezes.
bool cache_log(struct page *pg);
void cache_unlog(struct page *pg);

// Takes pages [first, last] of owner out of the cache. Whoever has a reference
// keeps a frame without an owner. Sleeps if a page is being filled.
void cache_cut(struct page_owner *owner, uint first, uint last);

// The page of metadata that holds a block: with its bytes; new, with zeros;
// taken out of the cache. 0, -EIO, -ENOMEM.
int cache_meta(uint block, struct page **pg) __must_check;
int cache_meta_new(uint block, struct page **pg) __must_check;
void cache_meta_cut(uint block);

// The pages that are dirty now are those that the next cache_writeback writes.
// Called between two transactions, when no operation is under way.
void cache_freeze(void);
// Writes these pages. Returns how many, or -EIO. Sleeps.
int cache_writeback(void) __must_check;

// Frees up to n clean pages that nobody else refers to. Returns how many.
uint cache_shrink(uint n);
// How many pages there are, and how many of them are dirty.
uint cache_count(void);
uint cache_dirty_count(void);
// Has the owner pages in the cache, or does the cache work on one?
bool cache_has(const struct page_owner *owner);

// Reads or writes n pages (at most BLK_MAXRUN), in consecutive blocks of
// fs_disk. 0 or -EIO. Sleeps.
int cache_io(enum blk_op op, uint block, void **pages, uint n) __must_check;
