// Loops over the user entries of one space. The pattern is always that of
// tlb.h: change under the lock, release, flush, and only then let the frames
// go. If a frame were freed first, another process could own it while some CPU
// still writes to it through the old translation.
//
// The page-table lock is held for the entries of one table at most: interrupts
// are off meanwhile.
#include "mm/entry.h"
#include "lib/assert.h"
#include "mm/cursor.h"

#define TABLES_KEPT 8 // a space of up to so many tables frees none

pte_t *
entry_make(struct mm *mm, vaddr_t va)
{
	bool had = mm->pgdir[PDX(va)] & PTE_P;
	pte_t *pte = walkpgdir(mm->pgdir, (void *)va, 1);

	if (pte && !had)
		mm->tables++;
	return pte;
}

// ---- Unmap -----------------------------------------------------------------

// Moves a run's entries into b, as many as find room. Returns how many entries
// it has done.
static uint
take_entries(struct mm *mm, const struct cursor *c, struct tlb_batch *b)
{
	uint i;

	for (i = 0; i < c->n && !tlb_full(b); i++) {
		pte_t old;

		if (entry_kind(c->pte[i]) == ENTRY_ABSENT)
			continue;
		old = entry_change(&c->pte[i], 0, 0);
		mm->pages--;
		entry_put(old, c->va + i * PGSIZE, b);
	}
	return i;
}

bool
entry_take(struct mm *mm, vaddr_t *start, vaddr_t end, struct tlb_batch *b)
{
	struct cursor c;

	assert(holding(&mm->table_lock));
	cursor_begin(&c, mm->pgdir, *start, end);
	*start = c.n ? c.va + take_entries(mm, &c, b) * PGSIZE : end;
	return *start < end;
}

void
entry_unmap(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct tlb_batch b;

	tlb_begin(&b, mm);
	while ((start = cursor_skip(mm->pgdir, start, end)) < end) {
		acquire(&mm->table_lock);
		(void)!entry_take(mm, &start, end, &b);
		release(&mm->table_lock);
		if (tlb_full(&b))
			tlb_flush(&b);
	}
	tlb_flush(&b);
}

// ---- Protect ---------------------------------------------------------------

void
entry_protect(struct mm *mm, vaddr_t start, vaddr_t end, bool hide)
{
	pte_t keep = hide ? ~(PTE_P | PTE_W) : ~PTE_W;
	struct tlb_batch b;
	struct cursor c;

	tlb_begin(&b, mm);
	for (cursor_begin(&c, mm->pgdir, start, end); c.n; cursor_next(&c)) {
		acquire(&mm->table_lock);
		for (uint i = 0; i < c.n; i++)
			if (c.pte[i] & ~keep)
				entry_change(&c.pte[i], keep, 0);
		release(&mm->table_lock);
	}
	b.all = true;
	tlb_flush(&b);
}

// ---- Empty tables ----------------------------------------------------------

// A process sees the table in its window, so the window's page must be
// forgotten before the frame is freed. invlpg of any address also drops the
// directory entries that a CPU caches (SDM vol. 3, 4.10.4.1).
static void
take_table(struct mm *mm, vaddr_t va, struct tlb_batch *b)
{
	pde_t old;

	acquire(&mm->table_lock);
	old = entry_change(&mm->pgdir[PDX(va)], 0, 0);
	release(&mm->table_lock);
	mm->tables--;
	tlb_add(b, PTWINDOW + PDX(va) * PGSIZE, page_of_pa(PTE_ADDR(old)));
}

void
entry_free_tables(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct tlb_batch b;

	if (mm->tables <= TABLES_KEPT)
		return;
	tlb_begin(&b, mm);
	for (vaddr_t va = start & ~(PDXSIZE - 1); va < end; va += PDXSIZE) {
		if (!(mm->pgdir[PDX(va)] & PTE_P) ||
		    area_overlaps(&mm->areas, va, va + PDXSIZE))
			continue;
		take_table(mm, va, &b);
		if (tlb_full(&b))
			tlb_flush(&b);
	}
	tlb_flush(&b);
}
