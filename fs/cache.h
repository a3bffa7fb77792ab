// The cache: pages of memory that hold blocks of the disk, found by (owner,
// index). A file owns its pages, and index counts the pages of the file. All
// metadata has one owner, and index is the block.
//
//	       cache_fill            cache_dirty      commit takes it
//	(absent) --> BUSY --> FILLED, clean -----> DIRTY -------> WRITING
//	    ^          |  error   | in lru  <------------------------/
//	    +----------+----------+ cache_shrink, cache_cut
//
// Invariants: a page in the hash table has owner != NULL and one reference of
// the cache's; a page in `lru` is clean; one in `dirty` or `writing` is DIRTY;
// what a page shows past its file's end is zeros.
#pragma once
#include "fs/owner.h"
#include "fs/super.h"
#include "kalloc.h"

#define PG_FILLED  0x01 // its bytes are the block's
#define PG_BUSY    0x02 // somebody reads it from disk
#define PG_DIRTY   0x04 // newer than the disk (file data, not the journal's)
#define PG_EPOCH   0x08 // which of the two lists of dirty pages it is in
#define PG_WRITING 0x10 // on its way to the disk, in no list
#define PG_USED    0x20 // looked up since cache_shrink last passed it
#define PG_LOGGED  0x40 // in the running transaction
#define PG_MAPPED  0x80 // somebody may have it mapped writable

// Makes the hash table. Once, at the start, when there is memory for it.
void cache_init(void);

// The page with a reference if it is there and filled, else NULL. Never sleeps.
struct page *cache_find(const struct page_owner *owner, uint index);

// The page, filled, with a reference in *pg. If it is absent it is read from
// block, together with run - 1 more whose blocks follow (if they are absent
// too); block 0 is a hole: zeros. Bytes from `end` on, counted from the first
// page's start, are zeroed. 0, -EIO or -ENOMEM. Sleeps.
struct cache_where {
	struct page_owner *owner;
	uint index, block, run, end;
};
int cache_fill(const struct cache_where *w, struct page **pg) __must_check;

// The page without reading it: as it stands (0), or a new one with those n
// bytes and then zeros (1); or -EIO, -ENOMEM. Nobody sees it before it is
// complete.
int cache_new(struct page_owner *owner, uint index, const void *bytes, uint n,
	      struct page **pg) __must_check;

// The page (file data) must reach the disk. A page that left the cache is
// nobody's concern. Returns false then.
bool cache_dirty(struct page *pg);
// The same for a page that is about to be mapped writable.
bool cache_dirty_mapped(struct page *pg);

// The page enters the running transaction: false if it was in it already. Out
// of it again (the transaction is frozen).
bool cache_log(struct page *pg);
void cache_unlog(struct page *pg);

// Takes pages [first, last] of owner out of the cache; who has a reference
// keeps an ownerless frame. Sleeps if one is being filled.
void cache_cut(struct page_owner *owner, uint first, uint last);

// The same for the page of metadata that holds a block: read; made new, with
// zeros; taken out.
int cache_meta(uint block, struct page **pg) __must_check;
int cache_meta_new(uint block, struct page **pg) __must_check;
void cache_meta_cut(uint block);

// What is dirty now is what the next cache_writeback writes. Called between two
// transactions, when no operation is under way.
void cache_freeze(void);
// Writes it. Returns how many pages, or -EIO. Sleeps.
int cache_writeback(void) __must_check;

// Frees up to n clean pages that nobody else refers to. Returns how many.
uint cache_shrink(uint n);
uint cache_count(void);
uint cache_dirty_count(void);
// Is a page of owner in the cache, or in work there?
bool cache_has(const struct page_owner *owner);

// n pages (at most BLK_MAXRUN) from or to consecutive blocks of fs_disk. 0 or
// -EIO. Sleeps.
int cache_io(enum blk_op op, uint block, void **pages, uint n) __must_check;
