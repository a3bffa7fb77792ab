// What the file system asks of us: the programs that map these pages of this
// file must let go of them (truncate), or must fault before they write to them
// again (write-back).
//
// We come from the file's side, without any mm->lock. Under ip->area_lock we
// walk the file's areas, and under a table's lock we change entries. A table
// that spaces share is changed for all of them (mm/ptshare.c). While area_lock
// is held, no area can leave the list, and no mm of an area can vanish (mm_put
// takes its areas out first). But we may not wait for other CPUs with a
// spinlock held, and after its release the spaces may vanish. So the batch
// notes for each table which CPUs may hold its entries; the flush needs the
// CPUs only.
//
// A file may have many thousand areas, and interrupts are off while the lock is
// held. So a walk goes in steps. Between two steps a mark, an area without a
// space, stands in the list behind the last area that is done. area.c keeps an
// area that still has a page to be found on the far side of every mark.
//
// No new page comes in behind a walk: the file system has detached its pages
// first, and the fault path rejects a detached page. Private copies behind the
// new end go as well, so that any touch there is refused, as POSIX wants.
#include "fs/inode.h"
#include "fs/owner.h"
#include "kalloc.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/areapage.h"
#include "mm/entries.h"
#include "mm/entry.h"
#include "mm/mm.h"
#include "mm/shm.h"
#include "mm/table.h"
#include "mm/tlb.h"

#define WALK_STEP 32 // areas visited with interrupts off

struct hook_walk {
	struct inode *ip;
	uint first, last;       // the pages of ip that are asked for
	bool written;           // clean: a program has written to it
	const struct area *in;  // the area that a visit has not finished ...
	vaddr_t at;             // ... and where it goes on
	struct area mark;       // only its object_link, and mm NULL
	struct tlb_batch b;
};

// Does the walk's work in a. True if it must visit a again.
typedef bool visit_fn(struct hook_walk *w, struct area *a);

static void
walk_begin(struct hook_walk *w, struct inode *ip, uint first, uint last)
{
	w->ip = ip;
	w->first = first;
	w->last = last;
	w->in = NULL;
	w->mark.mm = NULL;
	list_init(&w->mark.object_link);
	tlb_begin(&w->b, NULL);
}

// Visits the next areas and flushes. True if the walk is not at its end.
static bool
walk_step(struct hook_walk *w, visit_fn *visit)
{
	struct list *head = &w->ip->areas, *mark = &w->mark.object_link;
	bool more;

	acquire(&w->ip->area_lock);
	if (list_empty(mark))
		list_push(head, mark);
	for (uint n = 0; n < WALK_STEP && !tlb_full(&w->b); n++) {
		struct list *next = mark->next;
		struct area *a = list_entry(next, struct area, object_link);

		if (next == head || (a->mm && visit(w, a)))
			break;
		list_remove(mark);
		list_push(next, mark);
	}
	more = mark->next != head;
	if (!more)
		list_remove(mark);
	release(&w->ip->area_lock);
	tlb_flush(&w->b);
	return more;
}

// ---- Truncate --------------------------------------------------------------

// Takes the pages out of a's space, one table at a time.
static bool
visit_unmap(struct hook_walk *w, struct area *a)
{
	vaddr_t start, end;
	bool more;

	if (!area_pages_of(a, w->first, w->last, &start, &end))
		return false;
	if (w->in == a && w->at > start)
		start = w->at;
	more = entry_take(a->mm, &start, end, &w->b);
	w->in = more ? a : NULL;
	w->at = start;
	return more;
}

// An area that comes into the empty list now finds no detached page to map, so
// that the look needs no lock.
static void
hook_unmap(struct inode *ip, uint first, uint last)
{
	struct hook_walk w;

	if (list_empty(&ip->areas))
		return;
	walk_begin(&w, ip, first, last);
	while (walk_step(&w, visit_unmap))
		;
}

// ---- Write-back ------------------------------------------------------------

// Write-protects the page in a's space, and notes if a program has written
// through the entry. Only shared areas have a file's own pages writable.
static bool
visit_clean(struct hook_walk *w, struct area *a)
{
	vaddr_t va, end;
	pte_t *pte;

	if (!(a->flags & AREA_SHARED) ||
	    !area_pages_of(a, w->first, w->last, &va, &end))
		return false;
	pte = table_lock(a->mm, va);
	if (!pte)
		return false;
	if (entry_kind(*pte) == ENTRY_RW) {
		if (entry_change(pte, ~(PTE_W | PTE_D), 0) & PTE_D)
			w->written = true;
		w->b.all = true;
		tlb_table(&w->b, a->mm, va);
	}
	table_unlock(pte);
	return false;
}

static bool
hook_clean(struct inode *ip, uint index)
{
	struct hook_walk w;

	walk_begin(&w, ip, index, index);
	w.written = false;
	while (walk_step(&w, visit_clean))
		;
	return w.written;
}

// ---- The start of mm/ ------------------------------------------------------

// Each part once. The call stands here because this file is above the others.
void
mm_init(void)
{
	static const struct map_hooks hooks = {
		.unmap = hook_unmap,
		.clean = hook_clean,
	};

	mm_init_spaces();
	area_init();
	shm_init();
	owner_set_hooks(&hooks);
}
