// Dirty pages: what a file's writers leave for the next commit.
//
// The commit freezes the list of dirty pages as it freezes the transaction,
// then writes them at its leisure while new ones gather: hence two lists and
// the mark PG_EPOCH. One case is not obvious. A page that a truncate takes out
// of the cache while it waits in `writing` stays in that list without an owner,
// because the transaction being committed makes its block reachable: were it
// dropped, a crash would show an old block's bytes in a new file. The cache's
// reference to it then is the list's (detach in cache.c).
#include "fs/cache.h"
#include "fs/cache_private.h"

// ---- Marking ----------------------------------------------------------------

static void
enlist_dirty(struct page *pg)
{
	list_remove(&pg->link);
	list_append(&cache.dirty, &pg->link);
	pg->flags = (pg->flags & ~PG_EPOCH) | cache.epoch;
}

static bool
mark_dirty(struct page *pg, ushort more)
{
	const ushort want = PG_DIRTY | more;
	bool mine;

	// The barrier stands between the caller's stores to the page and this
	// look: if the page is still dirty, the commit has yet to read it.
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if ((*(volatile ushort *)&pg->flags & want) == want && pg->owner)
		return true;
	acquire(&cache.lock);
	mine = pg->owner;
	if (mine && !(pg->flags & PG_DIRTY)) {
		pg->flags |= PG_DIRTY;
		cache.ndirty++;
		if (!(pg->flags & PG_WRITING)) // else when it is written
			enlist_dirty(pg);
	}
	if (mine)
		pg->flags |= more;
	release(&cache.lock);
	return mine;
}

bool
cache_dirty(struct page *pg)
{
	return mark_dirty(pg, 0);
}

bool
cache_dirty_mapped(struct page *pg)
{
	return mark_dirty(pg, PG_MAPPED);
}

bool
cache_log(struct page *pg)
{
	bool fresh;

	acquire(&cache.lock);
	fresh = !(pg->flags & PG_LOGGED);
	pg->flags |= PG_LOGGED;
	release(&cache.lock);
	return fresh;
}

void
cache_unlog(struct page *pg)
{
	acquire(&cache.lock);
	pg->flags &= ~PG_LOGGED;
	release(&cache.lock);
}

// ---- Writing back -----------------------------------------------------------

void
cache_freeze(void)
{
	acquire(&cache.lock);
	if (!list_empty(&cache.dirty) && list_empty(&cache.writing)) {
		// The whole ring moves at once to its other head.
		list_push(&cache.dirty, &cache.writing);
		list_remove(&cache.dirty);
		cache.epoch ^= PG_EPOCH;
	}
	release(&cache.lock);
}

// Takes pages with consecutive blocks from `writing`, each with a reference.
static uint
take_writing(struct page **run)
{
	uint n = 0;

	acquire(&cache.lock);
	while (n < BLK_MAXRUN && !list_empty(&cache.writing)) {
		struct page *pg = list_first(&cache.writing, struct page, link);

		if (n && pg->block != run[n - 1]->block + 1)
			break;
		list_remove(&pg->link);
		pg->flags = (pg->flags & ~PG_DIRTY) | PG_WRITING;
		cache.ndirty--;
		if (pg->owner) // else the reference was the list's: now ours
			page_get(pg);
		run[n++] = pg;
	}
	release(&cache.lock);
	return n;
}

// Makes maps of pg read-only, so that the next store to it faults and marks it
// dirty again. The count of pages keeps the inode in memory meanwhile.
static void
protect_maps(struct page *pg)
{
	struct page_owner *owner = NULL;
	uint index = pg->index;

	acquire(&cache.lock);
	if (pg->owner && (pg->flags & PG_MAPPED)) {
		owner = pg->owner;
		owner->npages++;
	}
	pg->flags &= ~PG_MAPPED;
	release(&cache.lock);
	if (!owner)
		return;
	owner_clean(owner, index);
	acquire(&cache.lock);
	owner->npages--;
	release(&cache.lock);
}

// A page that was dirtied meanwhile, or could not be written, is dirty.
static void
run_done(struct page **run, uint n, int status)
{
	acquire(&cache.lock);
	for (uint i = 0; i < n; i++) {
		struct page *pg = run[i];

		pg->flags &= ~PG_WRITING;
		if (!pg->owner)
			continue;
		if (status && !(pg->flags & PG_DIRTY)) {
			pg->flags |= PG_DIRTY;
			cache.ndirty++;
		}
		if (pg->flags & PG_DIRTY)
			enlist_dirty(pg);
		else
			list_append(&cache.lru, &pg->link);
	}
	release(&cache.lock);
	for (uint i = 0; i < n; i++)
		page_put(run[i]);
}

int
cache_writeback(void)
{
	struct page *run[BLK_MAXRUN];
	void *va[BLK_MAXRUN];
	uint n, total = 0;
	int r = 0;

	while (r == 0 && (n = take_writing(run)) > 0) {
		for (uint i = 0; i < n; i++) {
			va[i] = page_va(run[i]);
			protect_maps(run[i]);
		}
		r = cache_io(BLK_WRITE, run[0]->block, va, n);
		run_done(run, n, r);
		total += n;
	}
	return r ? r : (int)total;
}
