// The cache of blocks: finding pages and filling them. cache.h has the states
// of a page, dirty.c the way back to the disk.
//
// One spinlock protects the hash table, the lists and all flags. Nobody holds
// it while the disk works. Whoever inserts a page reads it; the others see
// PG_BUSY and wait.
#include "fs/cache.h"
#include "abi/errno.h"
#include "fs/cache_private.h"
#include "lib/assert.h"
#include "kern/wait.h"
#include "lib/string.h"

#define PER_PAGE    (PGSIZE / sizeof(struct page *)) // buckets in a page
#define MAX_BUCKETS (64 * PER_PAGE)
#define SHRINK_STEP 32

struct cache cache = {
	.lock = SPINLOCK("cache", RANK_CACHE),
	.lru = LIST_INIT(cache.lru),
	.dirty = LIST_INIT(cache.dirty),
	.writing = LIST_INIT(cache.writing),
};
static struct waitq fill_wait = WAITQ(fill_wait, "page");
static struct page **buckets[MAX_BUCKETS / PER_PAGE];
static uint nbuckets; // a power of two
static struct page_owner metadata;
struct blk_disk *fs_disk;
struct superblock *fs_super;

void
cache_init(void)
{
	nbuckets = PER_PAGE;
	while (nbuckets < MAX_BUCKETS && nbuckets < kalloc_total() / 2)
		nbuckets *= 2;
	for (uint i = 0; i < nbuckets / PER_PAGE; i++) {
		buckets[i] = kalloc_zero();
		assert(buckets[i]); // at the start, memory is there
	}
}

// ---- The table --------------------------------------------------------------

static struct page **
bucket(const struct page_owner *owner, uint index)
{
	uint h = (uint)((uintptr_t)owner >> 4) * 0x9E3779B1u;

	// Neighbours in a file are neighbours in the table, which costs fewer
	// cache misses when a file is read in sequence.
	h = ((h >> 12) + index) & (nbuckets - 1);
	return &buckets[h / PER_PAGE][h % PER_PAGE];
}

static struct page *
lookup(const struct page_owner *owner, uint index)
{
	struct page *pg = *bucket(owner, index);

	while (pg && (pg->index != index || pg->owner != owner))
		pg = pg->next;
	return pg;
}

static void
insert_page(struct page *pg, struct page_owner *owner, uint index)
{
	struct page **b = bucket(owner, index);

	pg->owner = owner;
	pg->index = index;
	pg->block = 0;
	pg->next = *b;
	*b = pg;
	list_append(&cache.lru, &pg->link);
	owner->npages++;
	cache.ncached++;
}

// Takes pg out of the table and out of its list, and drops the reference of the
// cache. Only a page in `writing` stays in its list (see the head of dirty.c).
static void
detach(struct page *pg)
{
	struct page_owner *owner = pg->owner;
	struct page **b = bucket(owner, pg->index);
	bool frozen = (pg->flags & PG_DIRTY) && !(pg->flags & PG_WRITING) &&
		      (pg->flags & PG_EPOCH) != cache.epoch;

	while (*b != pg)
		b = &(*b)->next;
	*b = pg->next;
	owner->npages--;
	cache.ncached--;
	pg->owner = NULL;
	pg->index = 0;
	pg->next = NULL;
	if (frozen)
		return;
	if (pg->flags & PG_DIRTY)
		cache.ndirty--;
	pg->flags &= ~(PG_DIRTY | PG_MAPPED);
	list_remove(&pg->link);
	page_put(pg);
}

// Frees clean pages from the old end. A page that is in use, or that was used
// since the last look, moves to the young end. The number of steps is bounded
// because interrupts are off.
static uint
shrink_lru(uint n)
{
	uint freed = 0;

	for (uint steps = 4 * n + 64; steps && freed < n; steps--) {
		struct page *pg = list_first(&cache.lru, struct page, link);

		if (list_empty(&cache.lru))
			break;
		if (pg->refs == 1 && !(pg->flags & (PG_BUSY | PG_USED))) {
			detach(pg);
			freed++;
			continue;
		}
		pg->flags &= ~PG_USED;
		list_remove(&pg->link);
		list_append(&cache.lru, &pg->link);
	}
	return freed;
}

// A frame for the cache. The cache leaves 1/32 of memory to others as long as
// it can free pages of its own.
static struct page *
new_frame(void)
{
	struct page *pg;
	void *va;

	if (kalloc_free() < kalloc_total() / 32)
		shrink_lru(SHRINK_STEP);
	va = kalloc();
	if (!va && shrink_lru(SHRINK_STEP))
		va = kalloc();
	if (!va)
		return NULL;
	pg = page_of(va);
	pg->flags = 0;
	return pg;
}

// ---- Finding and filling ----------------------------------------------------

__always_inline void // in cache_find the loop is no loop
cache_find_run(const struct page_owner *o, uint i, uint n, struct page **out)
{
	acquire(&cache.lock);
	for (; n > 0; n--, out++) {
		struct page *pg = lookup(o, i++);

		*out = pg && pg->flags & PG_FILLED ? pg : NULL;
		if (*out) {
			pg->flags |= PG_USED;
			page_get(pg);
		}
	}
	release(&cache.lock);
}

struct page *
cache_find(const struct page_owner *owner, uint index)
{
	struct page *pg;

	cache_find_run(owner, index, 1, &pg);
	return pg;
}

int
cache_io(enum blk_op op, uint block, void **pages, uint n)
{
	struct blk_req req = { .op = op, .block = block, .count = n };

	for (uint i = 0; i < n; i++)
		req.page[i] = pages[i];
	req.status = BLK_PENDING;
	blk_submit(fs_disk, &req);
	return blk_wait(&req);
}

// Takes a reference to pg and waits until it is filled. Holds cache.lock.
static int
wait_filled(struct page *pg)
{
	page_get(pg);
	while (pg->flags & PG_BUSY)
		wait_on(&fill_wait, &cache.lock);
	if (pg->flags & PG_FILLED) {
		pg->flags |= PG_USED;
		return 0;
	}
	page_put(pg);
	return -EIO;
}

// Inserts busy pages for w, each with a reference for the caller. Stops at a
// page that is there already, and when memory is out. Returns how many. Holds
// cache.lock.
static uint
insert_run(const struct cache_where *w, struct page **pages)
{
	uint n, run = w->block ? min_uint(w->run, BLK_MAXRUN) : 1;

	for (n = 0; n < run; n++) {
		struct page *pg;

		if (n && lookup(w->owner, w->index + n))
			break;
		pg = new_frame();
		if (!pg)
			break;
		insert_page(pg, w->owner, w->index + n);
		pg->block = w->block ? w->block + n : 0;
		pg->flags = PG_BUSY;
		page_get(pg);
		pages[n] = pg;
	}
	return n;
}

// Reads n pages from block on. If that fails, reads the first page alone: the
// bad block may belong to a page of the read-ahead, which nobody has asked for.
// Returns how many pages are good.
static uint
read_run(uint block, struct page **pages, uint n)
{
	void *va[BLK_MAXRUN];

	for (uint i = 0; i < n; i++)
		va[i] = page_va(pages[i]);
	if (block == 0) {
		memset(va[0], 0, PGSIZE);
		return n;
	}
	if (cache_io(BLK_READ, block, va, n) == 0)
		return n;
	return n > 1 && cache_io(BLK_READ, block, va, 1) == 0 ? 1 : 0;
}

// Ends the filling. The first `good` pages are ready, the others leave the
// cache.
static void
fill_done(const struct cache_where *w, struct page **pages, uint n, uint good)
{
	for (uint i = w->end / PGSIZE; i < good; i++) {
		uint from = i * PGSIZE < w->end ? w->end % PGSIZE : 0;

		memset((char *)page_va(pages[i]) + from, 0, PGSIZE - from);
	}
	acquire(&cache.lock);
	for (uint i = 0; i < n; i++) {
		pages[i]->flags &= ~PG_BUSY;
		if (i < good)
			pages[i]->flags |= PG_FILLED | (i ? 0 : PG_USED);
		else
			detach(pages[i]);
	}
	wake_all(&fill_wait);
	release(&cache.lock);
}

int
cache_fill(const struct cache_where *w, struct page **out)
{
	struct page *pages[BLK_MAXRUN];
	uint n, good;
	int err;

	acquire(&cache.lock);
	*out = lookup(w->owner, w->index);
	if (*out) {
		err = wait_filled(*out);
		release(&cache.lock);
		return err;
	}
	n = insert_run(w, pages);
	release(&cache.lock);
	if (n == 0)
		return -ENOMEM;
	good = read_run(w->block, pages, n);
	fill_done(w, pages, n, good);
	for (uint i = good ? 1 : 0; i < n; i++)
		page_put(pages[i]);
	*out = pages[0];
	return good ? 0 : -EIO;
}

int
cache_new(struct page_owner *owner, uint index, const void *bytes, uint n,
	  struct page **out)
{
	struct page *pg;
	int r = -ENOMEM;

	acquire(&cache.lock);
	pg = lookup(owner, index);
	if (pg) {
		r = wait_filled(pg);
	} else if ((pg = new_frame())) {
		memcpy(page_va(pg), bytes, n);
		memset((char *)page_va(pg) + n, 0, PGSIZE - n);
		insert_page(pg, owner, index);
		pg->flags = PG_FILLED | PG_USED;
		page_get(pg);
		r = 1;
	}
	release(&cache.lock);
	*out = pg;
	return r;
}

void
cache_cut(struct page_owner *owner, uint first, uint last)
{
	struct page *pg;
	bool more = true;

	for (uint i = first; more && i <= last; i++) {
		acquire(&cache.lock);
		while ((pg = lookup(owner, i)) && (pg->flags & PG_BUSY))
			wait_on(&fill_wait, &cache.lock);
		if (pg)
			detach(pg);
		more = owner->npages && i + 1 != 0;
		release(&cache.lock);
	}
}

// ---- Metadata ---------------------------------------------------------------

int
cache_meta(uint block, struct page **pg)
{
	struct cache_where w = { &metadata, block, block, 1, PGSIZE };

	*pg = cache_find(&metadata, block);
	return *pg ? 0 : cache_fill(&w, pg);
}

int
cache_meta_new(uint block, struct page **pg)
{
	if (cache_new(&metadata, block, "", 0, pg) < 0)
		return -ENOMEM;
	(*pg)->block = block;
	return 0;
}

void
cache_meta_cut(uint block)
{
	cache_cut(&metadata, block, block);
}

// ---- Counts -----------------------------------------------------------------

uint
cache_shrink(uint n)
{
	uint freed;

	acquire(&cache.lock);
	freed = shrink_lru(n);
	release(&cache.lock);
	return freed;
}

uint
cache_count(void)
{
	return cache.ncached;
}

uint
cache_dirty_count(void)
{
	return cache.ndirty;
}

bool
cache_has(const struct page_owner *owner)
{
	bool has;

	acquire(&cache.lock);
	has = owner->npages != 0;
	release(&cache.lock);
	return has;
}
