// Dirty pages: data of files that wait for the next commit.
//
// A commit freezes the list of dirty pages together with the transaction. It
// writes the frozen pages while new dirty pages gather. So there are two lists,
// and PG_EPOCH tells which one a page is in.
//
// One case is not obvious: a truncate takes a page out of the cache while the
// page waits in `writing`. The page stays in that list, without an owner. The
// transaction that is being committed makes the page's block reachable. If the
// page were dropped, a crash would show the block's old bytes in a new file.
// The reference of the cache then belongs to the list (detach in cache.c).
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
	// look. If the page is still dirty, the commit reads it later than that
	// and sees the stores.
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if ((*(volatile ushort *)&pg->flags & want) == want && pg->owner)
		return true;
	acquire(&cache.lock);
	mine = pg->owner;
	if (mine && !(pg->flags & PG_DIRTY)) {
		pg->flags |= PG_DIRTY;
		cache.ndirty++;
		if (!(pg->flags & PG_WRITING)) // else run_done does it
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
		// The whole ring moves to its other head in one step.
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
		if (pg->owner) // else we take over the list's reference
			page_get(pg);
		run[n++] = pg;
	}
	release(&cache.lock);
	return n;
}

// Makes all maps of pg read-only, so that the next store faults and marks the
// page dirty again. The count of pages keeps the inode in memory.
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

// The pages have been written. A page is dirty again if somebody has written to
// it in the meantime, or if the disk has failed.
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
