// A cursor over the entries of a range, for loops over many pages. walkpgdir
// (vm.c) finds one entry; the next entries of the same table follow it in
// memory. So the cursor walks once for each table, skips tables that are
// absent, and hands out runs:
//
//	struct cursor c;
//	for (cursor_begin(&c, pgdir, start, end); c.n; cursor_next(&c))
//		for (uint i = 0; i < c.n; i++)
//			... c.pte[i], the entry of address c.va + i * PGSIZE ...
//
// A step needs mm->lock, which keeps the tables where they are (mm/table.h).
// Entries are changed under the table's lock.
#pragma once
#include "lib/types.h"
#include "vm.h"

struct cursor {
	pde_t *pgdir;
	vaddr_t va, end; // the run begins at va, the range ends at end
	pte_t *pte;      // the run's entries
	uint n;          // how many; 0: the range is done
};

// The first address at or after va that has a table, or one at or beyond end.
static inline vaddr_t
cursor_skip(const pde_t *pgdir, vaddr_t va, vaddr_t end)
{
	while (va < end && !(pgdir[PDX(va)] & PTE_P))
		va = (va & ~(vaddr_t)(PDXSIZE - 1)) + PDXSIZE;
	return va;
}

// Finds the first run at or after c->va.
static inline void
cursor_find(struct cursor *c)
{
	c->n = 0;
	c->va = cursor_skip(c->pgdir, c->va, c->end);
	if (c->va >= c->end)
		return;
	c->pte = walkpgdir(c->pgdir, (void *)c->va, 0);
	c->n = min_uint(NPTENTRIES - PTX(c->va), (c->end - c->va) / PGSIZE);
}

static inline void
cursor_begin(struct cursor *c, pde_t *pgdir, vaddr_t start, vaddr_t end)
{
	c->pgdir = pgdir;
	c->va = start;
	c->end = end;
	cursor_find(c);
}

static inline void
cursor_next(struct cursor *c)
{
	c->va += c->n * PGSIZE;
	cursor_find(c);
}
