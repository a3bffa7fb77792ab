// Giving memory back, in three steps, each more expensive than the one before:
// clean pages that nobody uses; dirty pages, after a commit; pages that
// programs have mapped, which the next touch must read again.
#include "fs/cache.h"
#include "fs/cache_private.h"
#include "fs/fs.h"
#include "fs/itable.h"
#include "fs/log.h"

#define UNMAP_STEP 16

// A page that may be mapped. We have a reference to it, and one more in the
// count of its owner, so that page and inode stay.
struct mapped {
	struct page *pg;
	struct page_owner *owner;
};

// Frees clean pages, in rounds: the first look at a page may only clear
// PG_USED.
static uint
reclaim_clean(uint n)
{
	uint freed = 0;

	for (uint left = cache_count() / 16 + 2; left && freed < n; left--)
		freed += cache_shrink(min_uint(n - freed, 32));
	return freed;
}

// ---- Mapped pages -----------------------------------------------------------

// Do only programs, through maps, keep pg from being freed? Perhaps.
static bool
perhaps_mapped(const struct page *pg)
{
	const struct page_owner *owner = pg->owner;

	return owner->ip && pg->refs > 1 &&
	       !(pg->flags & (PG_BUSY | PG_LOGGED));
}

// Moves pages from the old end of the lru to the young end, and puts up to n
// that may be mapped into found[]. The number of steps is bounded because
// interrupts are off.
static uint
take_mapped(struct mapped *found, uint n)
{
	uint count = 0;

	acquire(&cache.lock);
	for (uint steps = 256; steps && count < n; steps--) {
		struct page *pg = list_first(&cache.lru, struct page, link);

		if (list_empty(&cache.lru))
			break;
		list_remove(&pg->link);
		list_append(&cache.lru, &pg->link);
		if (!perhaps_mapped(pg))
			continue;
		page_get(pg);
		found[count] = (struct mapped){ pg, pg->owner };
		found[count].owner->npages++;
		count++;
	}
	release(&cache.lock);
	return count;
}

// Drops what take_mapped took. If only the cache has a reference now, the page
// goes to the old end: it is the next to be freed.
static void
put_mapped(struct mapped *m)
{
	struct page *pg = m->pg;

	acquire(&cache.lock);
	m->owner->npages--;
	if (pg->owner && pg->refs == 2 &&
	    !(pg->flags & (PG_DIRTY | PG_WRITING))) {
		pg->flags &= ~PG_USED;
		list_remove(&pg->link);
		list_push(&cache.lru, &pg->link);
	}
	release(&cache.lock);
	page_put(pg);
}

// Takes up to n pages out of programs and frees them.
static uint
reclaim_mapped(uint n)
{
	struct mapped found[UNMAP_STEP];
	uint freed = 0;

	for (uint left = cache_count() / 256 + 2; left && freed < n; left--) {
		uint count = take_mapped(found, UNMAP_STEP);

		for (uint i = 0; i < count; i++) {
			owner_forget(found[i].owner, found[i].pg);
			put_mapped(&found[i]);
		}
		freed += cache_shrink(count);
	}
	return freed;
}

// ---- All of it --------------------------------------------------------------

uint
fs_reclaim(uint n)
{
	uint freed;

	if (!fs_disk)
		return 0;
	freed = reclaim_clean(n);
	if (freed < n && cache_dirty_count() && !log_failed() &&
	    !log_commit(false))
		freed += reclaim_clean(n - freed);
	if (freed < n)
		freed += reclaim_mapped(n - freed);
	itable_shrink();
	return freed;
}
