// fork: the child gets the parent's areas and the parent's pages. Private pages
// that were writable lose W on both sides, so that the first process that
// writes gets a copy (mm/fault.c, DO_UNSHARE):
//
//	           before           after             after the child's write
//	parent  [frame 7, W]    [frame 7,  ]        [frame 7,  ] until it writes
//	child                   [frame 7,  ]        [frame 9, W]
//
// They lose W by one entry of the directory, whose table both name from then on
// (mm/ptshare.h), or with PTSHARE=0 entry by entry, in a copy of the table.
// Pages of files and of shared memory come along too: a fault for each would
// cost more.
//
// Truncate and write-back change entries without mm->lock (mm/hooks.c). So that
// they miss no page, all areas of the child stand in their files' lists before
// its first table comes, each right behind the parent's area. A hook that has
// done the parent's area leaves nothing in the table. A hook that comes later
// meets the child's area too.
#include "abi/errno.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/ptshare.h"
#include "mm/pageout.h"
#include "mm/table.h"
#include "mm/tlb.h"

static int
copy_areas(struct mm *parent, struct mm *child)
{
	list_for_each (a, &parent->areas.list, struct area, link) {
		struct area *b = area_clone(a, child);

		if (!b)
			return -ENOMEM;
		area_insert(&child->areas, b, a);
	}
	return 0;
}

// Gives the child the tables that map a. It gets a copy of the table of sp:
// both are going to write below it.
static int
fork_tables(struct mm *parent, struct mm *child, const struct area *a,
	    vaddr_t sp)
{
	int err = 0;

	for (vaddr_t va = table_base(a->start); !err && va < a->end;
	     va += PDXSIZE) {
		if (!(parent->pgdir[PDX(va)] & PTE_P) ||
		    child->pgdir[PDX(va)] & PTE_P)
			continue;
		err = PDX(va) == PDX(sp) ? table_copy(parent, va, child)
					 : table_fork(parent, child, va);
	}
	return err;
}

#ifndef PTSHARE
int
table_fork(struct mm *parent, struct mm *child, vaddr_t va)
{
	return table_copy(parent, va, child);
}
#endif

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

// Both return from fork and write to the page of sp. The child gets its copy
// now, and the parent, then the page's last owner, its W back: two traps less.
// Where this fails, the traps come.
static void
unshare_stack(struct mm *parent, struct mm *child, vaddr_t sp)
{
	if (!mm_fault(child, sp, ACCESS_WRITE, NULL))
		(void)!mm_fault(parent, sp, ACCESS_WRITE, NULL);
}

// Copies the areas and gives the child its tables. Holds the parent's lock.
static int
copy_space(struct mm *parent, struct mm *child, vaddr_t sp)
{
	int err = copy_areas(parent, child);

	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	list_for_each (a, &parent->areas.list, struct area, link)
		if (!err)
			err = fork_tables(parent, child, a, sp);
	forget_writes(parent);
	return err;
}

int
mm_fork(struct mm *parent, vaddr_t sp, struct mm **out)
{
	struct mm *child = mm_new();
	struct area *a;
	bool stack;
	int err = 0;

	if (!child)
		return -ENOMEM;
	if (parent->program)
		err = mm_set_program(child, parent->program);
	assert(!err); // it runs already, so nobody writes to it
	mutex_lock(&parent->lock);
	child->shares = parent->shares;
	err = copy_space(parent, child, sp);
	a = area_find(&parent->areas, sp);
	stack = a && a->flags & AREA_STACK;
	mutex_unlock(&parent->lock);
	if (err) {
		// The W that the parent's entries have lost comes back by
		// faults.
		mm_put(child);
		return err;
	}
	if (stack)
		unshare_stack(parent, child, sp);
	pageout_enter(child);
	*out = child;
	return 0;
}
