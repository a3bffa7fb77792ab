// Loops over the user entries of one space. The pattern is always that of
// tlb.h: change under the lock, release, flush, and only then let the frames
// go; a frame that was freed first could belong to another process while some
// CPU still writes to it through the old translation.
#include "mm/entry.h"
#include "lib/assert.h"
#include "mm/cursor.h"

// Moves a run's entries into b. Returns the index behind the one that filled
// it, or 0 if all found room.
static uint
take_run(struct mm *mm, const struct cursor *c, struct tlb_batch *b)
{
	for (uint i = 0; i < c->n; i++) {
		pte_t e = c->pte[i];

		if (!e)
			continue;
		c->pte[i] = 0;
		mm->pages--;
		if (tlb_add(b, c->va + i * PGSIZE, entry_page(e)))
			return i + 1;
	}
	return 0;
}

bool
entry_take(struct mm *mm, vaddr_t *start, vaddr_t end, struct tlb_batch *b)
{
	struct cursor c;
	uint done;

	assert(holding(&mm->table_lock));
	for (cursor_begin(&c, mm->pgdir, *start, end); c.n; cursor_next(&c)) {
		done = take_run(mm, &c, b);
		if (done) {
			*start = c.va + done * PGSIZE;
			return true;
		}
	}
	*start = end;
	return false;
}

void
entry_unmap(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct tlb_batch b;
	bool more;

	tlb_begin(&b, mm);
	do {
		acquire(&mm->table_lock);
		more = entry_take(mm, &start, end, &b);
		release(&mm->table_lock);
		tlb_flush(&b);
	} while (more);
}

void
entry_protect(struct mm *mm, vaddr_t start, vaddr_t end, bool aside)
{
	pte_t clear = aside ? PTE_P | PTE_W : PTE_W;
	struct tlb_batch b;
	struct cursor c;

	tlb_begin(&b, mm);
	acquire(&mm->table_lock);
	for (cursor_begin(&c, mm->pgdir, start, end); c.n; cursor_next(&c))
		for (uint i = 0; i < c.n; i++)
			c.pte[i] &= ~clear;
	release(&mm->table_lock);
	b.all = true;
	tlb_flush(&b);
}
