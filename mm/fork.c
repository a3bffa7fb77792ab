// fork, the classic way: the child gets the parent's areas and a copy of every
// entry. Private pages that were writable lose W on both sides, so that the
// first process that writes gets a copy (mm/fault.c, DO_UNSHARE):
//
//	           before           after             after the child's write
//	parent  [frame 7, W]    [frame 7,  ]        [frame 7,  ] until it writes
//	child                   [frame 7,  ]        [frame 9, W]
//	refs of 7     1               2                   1
//
// Pages of files and of shared memory are copied as entries, too: a fault for
// each would cost more than the copied word.
//
// Truncate and write-back change entries without mm->lock (mm/hooks.c). So that
// they miss no page, the child's area stands in its file's list before its
// first entry comes, right behind the parent's area, and each run of entries is
// copied under the file's area_lock. A hook that has done the parent's area
// leaves nothing to copy; one that comes later meets the child's area too.
#include "abi/errno.h"
#include "fs/inode.h"
#include "kalloc.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/cursor.h"
#include "mm/entry.h"
#include "mm/mm.h"
#include "mm/tlb.h"

// Copies a run of entries to the child's table. Returns how many held a page.
static uint
copy_entries(pte_t *from, pte_t *to, uint n, bool shared)
{
	uint pages = 0;

	for (uint i = 0; i < n; i++) {
		pte_t e = from[i];

		if (entry_kind(e) == ENTRY_ABSENT)
			continue;
		if (e & PTE_W && !shared)
			e = entry_change(&from[i], ~PTE_W, 0) & ~PTE_W;
		entry_get(e);
		to[i] = e;
		pages++;
	}
	return pages;
}

// Copies the run at c of area a. Two spaces, one lock at a time: the parent's
// for its entries, the child's for its count, because a hook may be counting
// there. No hook touches the child's entries of this area now.
static int
copy_run(struct mm *child, const struct area *a, const struct cursor *c)
{
	pte_t *to = entry_make(child, c->va);
	uint pages;

	if (!to)
		return -ENOMEM;
	acquire(&a->mm->table_lock);
	pages = copy_entries(c->pte, to, c->n, a->flags & AREA_SHARED);
	release(&a->mm->table_lock);
	acquire(&child->table_lock);
	child->pages += pages;
	release(&child->table_lock);
	return 0;
}

static int
copy_area(struct mm *child, struct area *a)
{
	struct area *b = area_clone(a, child);
	struct cursor c;
	int err = 0;

	if (!b)
		return -ENOMEM;
	area_insert(&child->areas, b, a);
	cursor_begin(&c, a->mm->pgdir, a->start, a->end);
	for (; c.n && !err; cursor_next(&c)) {
		if (!a->ip) {
			err = copy_run(child, a, &c);
			continue;
		}
		acquire(&a->ip->area_lock);
		err = copy_run(child, a, &c);
		release(&a->ip->area_lock);
	}
	return err;
}

// The parent has lost the right to write. Every CPU that runs it must know this
// before the child exists: otherwise a thread of the parent would write to
// pages that are now the child's too.
static void
forget_writes(struct mm *parent)
{
	struct tlb_batch b;

	tlb_begin(&b, parent);
	b.all = true;
	tlb_flush(&b);
}

int
mm_fork(struct mm *parent, struct mm **out)
{
	struct mm *child = mm_new();
	int err = 0;

	if (!child)
		return -ENOMEM;
	if (parent->program)
		err = mm_set_program(child, parent->program);
	assert(!err); // it runs already, so nobody writes to it
	mutex_lock(&parent->lock);
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	list_for_each (a, &parent->areas.list, struct area, link) {
		err = copy_area(child, a);
		if (err)
			break;
	}
	forget_writes(parent);
	mutex_unlock(&parent->lock);
	if (err) {
		// The W that the parent's entries have lost comes back by
		// faults.
		mm_put(child);
		return err;
	}
	*out = child;
	return 0;
}
