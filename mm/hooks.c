// What the file system asks of us: whoever maps these pages of this file, let
// go of them (truncate, or memory is short), or write to them no longer without
// a fault (write-back).
//
// We come from the file's side, without any mm->lock: holding ip->area_lock we
// walk the file's areas, and under each space's page-table lock we change
// entries. Under area_lock an area in the list cannot vanish, nor its mm
// (mm_put takes its areas out first). But we may not wait for other CPUs with a
// spinlock held, and when we have let it go the spaces may vanish. So the batch
// notes, space by space, which CPUs run it; the flush needs the CPUs only.
// Nothing has to stay alive.
//
// No new page slips in behind us: the file system has detached its pages first,
// and `install` (mm/fault.c) rejects those. Private copies behind the new end
// go as well, so that any touch there is refused, as POSIX would like it.
#include "fs/inode.h"
#include "fs/owner.h"
#include "kalloc.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/entry.h"
#include "mm/mm.h"
#include "mm/tlb.h"
#include "x86/insn.h"

#define WINDOW NPTENTRIES // pages for which the locks are held at once

// Takes pages [first, last] of a's object out of its space. True if b is full.
static bool
unmap_area(struct area *a, uint first, uint last, struct tlb_batch *b)
{
	struct mm *mm = a->mm;
	vaddr_t start, end;
	bool full;

	if (!area_pages_of(a, first, last, &start, &end))
		return false;
	tlb_next(b, mm);
	acquire(&mm->table_lock);
	full = entry_take(mm, &start, end, b);
	release(&mm->table_lock);
	return full;
}

// The same in all areas of ip. True if b got full: call again after the flush.
static bool
unmap_window(struct inode *ip, uint first, uint last, struct tlb_batch *b)
{
	bool full = false;

	acquire(&ip->area_lock);
	list_for_each (a, &ip->areas, struct area, object_link) {
		full = unmap_area(a, first, last, b);
		if (full)
			break;
	}
	tlb_next(b, NULL);
	release(&ip->area_lock);
	return full;
}

static bool
mapped(struct inode *ip)
{
	bool any;

	acquire(&ip->area_lock);
	any = !list_empty(&ip->areas);
	release(&ip->area_lock);
	return any;
}

// Window by window, so that interrupts are not off for the length of a file.
static void
hook_unmap(struct inode *ip, uint first, uint last)
{
	const uint top = 0xFFFFFFFFu / PGSIZE;
	struct tlb_batch b;
	bool full;

	if (!mapped(ip))
		return;
	tlb_begin(&b, NULL);
	if (last > top)
		last = top;
	for (uint i = first; i <= last; i += WINDOW)
		do {
			full = unmap_window(ip, i,
					    min_uint(last, i + WINDOW - 1), &b);
			tlb_flush(&b);
		} while (full);
}

// Write-protects page `index` of a's object in its space. True if a program has
// written through the entry. Only shared areas have a file's own pages
// writable.
static bool
clean_area(struct area *a, uint index, struct tlb_batch *b)
{
	struct mm *mm = a->mm;
	vaddr_t va, end;
	pte_t *pte, old = 0;

	if (!(a->flags & AREA_SHARED) ||
	    !area_pages_of(a, index, index, &va, &end))
		return false;
	tlb_next(b, mm);
	acquire(&mm->table_lock);
	pte = walkpgdir(mm->pgdir, (void *)va, 0);
	if (pte && *pte & PTE_W) {
		// In one step: the MMU of another CPU may be setting D.
		old = xchg(pte, *pte & ~(PTE_W | PTE_D));
		b->all = true;
	}
	release(&mm->table_lock);
	return old & PTE_D;
}

static bool
hook_clean(struct inode *ip, uint index)
{
	struct tlb_batch b;
	bool written = false;

	tlb_begin(&b, NULL);
	acquire(&ip->area_lock);
	list_for_each (a, &ip->areas, struct area, object_link)
		written |= clean_area(a, index, &b);
	tlb_next(&b, NULL);
	release(&ip->area_lock);
	tlb_flush(&b);
	return written;
}

// Takes pg, page `index` of a's object, out of a's space if it is there: the
// next touch finds it in the cache or reads it again. A private copy of it
// stays, as nobody could make that again. True if b is full.
static bool
forget_area(struct area *a, uint index, struct page *pg, struct tlb_batch *b)
{
	struct mm *mm = a->mm;
	vaddr_t va, end;
	bool full = false;
	pte_t *pte;

	if (!area_pages_of(a, index, index, &va, &end))
		return false;
	tlb_next(b, mm);
	acquire(&mm->table_lock);
	pte = walkpgdir(mm->pgdir, (void *)va, 0);
	// Written to since the file system looked: it is dirty, and stays.
	if (pte && *pte && entry_page(*pte) == pg && !(*pte & PTE_W))
		full = entry_take(mm, &va, end, b);
	release(&mm->table_lock);
	return full;
}

static void
hook_forget(struct inode *ip, struct page *pg)
{
	struct tlb_batch b;
	bool full;

	tlb_begin(&b, NULL);
	do {
		full = false;
		acquire(&ip->area_lock);
		list_for_each (a, &ip->areas, struct area, object_link) {
			full = forget_area(a, pg->index, pg, &b);
			if (full)
				break;
		}
		tlb_next(&b, NULL);
		release(&ip->area_lock);
		tlb_flush(&b);
	} while (full);
}

void
mm_hooks_init(void)
{
	static const struct map_hooks hooks = {
		.unmap = hook_unmap,
		.clean = hook_clean,
		.forget = hook_forget,
	};

	owner_set_hooks(&hooks);
}
