// Loops over the user entries of one space. The pattern is always that of
// tlb.h: change under the lock, release, flush, and only then let the frames
// go. If a frame were freed first, another process could own it while some CPU
// still writes to it through the old translation.
//
// The page-table lock is held for the entries of one table at most: interrupts
// are off meanwhile.
#include "mm/entries.h"
#include "fs/inode.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/cursor.h"
#include "mm/entry.h"
#include "mm/ptshare.h"
#include "mm/table.h"

#define TABLES_KEPT 8 // a space of up to so many tables frees none

// ---- Unmap -----------------------------------------------------------------

// Takes up to n entries from pte, va's, on, under the table's lock. Returns how
// many entries it has done: all, or until b is full.
static uint
take_run(struct mm *mm, vaddr_t va, pte_t *pte, uint n, struct tlb_batch *b)
{
	uint i, used = 0, swapped = 0;

	assert(holding(table_lock_of(pte)));
	for (i = 0; i < n && !tlb_full(b); i++) {
		pte_t old;

		if (entry_kind(pte[i]) == ENTRY_ABSENT)
			continue;
		old = entry_change(&pte[i], 0, 0);
		used++;
		swapped += !entry_has_page(old);
		entry_put(old, va + i * PGSIZE, b);
	}
	*table_used(pte) -= used;
	*table_swapped(pte) -= swapped;
	tlb_table(b, mm, va);
	return i;
}

bool
entry_take(struct mm *mm, vaddr_t *start, vaddr_t end, struct tlb_batch *b)
{
	vaddr_t va = cursor_skip(mm->pgdir, *start, end);
	pte_t *pte = va < end ? table_lock(mm, va) : NULL;
	uint n = NPTENTRIES - PTX(va);

	*start = va;
	if (!pte) // none, or it has just gone
		return va < end;
	n = take_run(mm, va, pte, min_uint(n, (end - va) / PGSIZE), b);
	table_unlock(pte);
	*start = va + n * PGSIZE;
	return *start < end;
}

void
entry_unmap(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct tlb_batch b;

	tlb_begin(&b, NULL);
	while (entry_take(mm, &start, end, &b))
		if (tlb_full(&b))
			tlb_flush(&b);
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
		assert(table_owned(mm, c.va));
		table_hold(c.pte);
		for (uint i = 0; i < c.n; i++)
			if (c.pte[i] & ~keep)
				entry_change(&c.pte[i], keep, 0);
		table_unlock(c.pte);
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
	pte_t *pte = table_lock(mm, va);

	assert(*table_used(pte) == 0);
	entry_change(&mm->pgdir[PDX(va)], 0, 0);
	table_unlock(pte);
	mm->tables--;
	tlb_add(b, table_window(va), page_of(pte));
}

void
entry_free_tables(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct tlb_batch b;

	if (mm->tables <= TABLES_KEPT)
		return;
	tlb_begin(&b, mm);
	for (vaddr_t va = table_base(start); va < end; va += PDXSIZE) {
		if (!(mm->pgdir[PDX(va)] & PTE_P) ||
		    area_overlaps(&mm->areas, va, va + PDXSIZE))
			continue;
		take_table(mm, va, &b);
		if (tlb_full(&b))
			tlb_flush(&b);
	}
	tlb_flush(&b);
}

// ---- Map neighbours --------------------------------------------------------

// A program that reads a page of a file mostly reads the next ones too, and a
// fault costs many times what an entry costs.
#define AROUND 16 // pages in a row; of one table, as they begin at a multiple

// Fills n entries from pte on with the pages of the file from `index` on. A
// page that has left the file meanwhile stays out, as in the fault path.
static void
map_cached(struct inode *ip, uint index, pte_t *pte, uint n)
{
	struct page *pg[AROUND];

	inode_cached_pages(ip, index, n, pg);
	table_hold(pte);
	for (uint i = 0; i < n; i++) {
		if (!pg[i] || entry_kind(pte[i]) != ENTRY_ABSENT ||
		    !page_owned_by(pg[i], ip, index + i))
			continue;
		entry_change(&pte[i], 0, page_pa(pg[i]) | PTE_P | PTE_U);
		++*table_used(pte);
		pg[i] = NULL; // the entry has the reference
	}
	table_unlock(pte);
	for (uint i = 0; i < n; i++)
		if (pg[i])
			page_put(pg[i]);
}

void
entry_map_around(const struct area *a, vaddr_t va, pte_t *pte)
{
	vaddr_t start = va & ~(vaddr_t)(AROUND * PGSIZE - 1);
	vaddr_t end = min_uint(start + AROUND * PGSIZE, a->end);

	start = max_uint(start, max_uint(a->start, PGROUNDUP(a->data)));
	end = min_uint(end, PGROUNDDOWN(a->data + a->filelen));
	map_cached(a->ip, (a->off + start - a->data) / PGSIZE,
		   pte + PTX(start) - PTX(va), (end - start) / PGSIZE);
}

// ---- Pages ahead -----------------------------------------------------------

// A program that has touched pages in a row, from below to above, mostly goes
// on. So a fault behind such a row brings the next pages too, if memory is not
// short. A program with few pages gets none in advance.
#define ROW   8  // pages of a row, at least; in one table
#define AHEAD 15 // pages in advance, at most; in the same table

// How many pages behind va to bring in advance. `need` are the bits that the
// entries of the row have.
static uint
pages_ahead(const struct area *a, vaddr_t va, const pte_t *pte, pte_t need)
{
	uint i = PTX(va), left = (a->end - va) / PGSIZE - 1;

	if (i < ROW || kalloc_free() < kalloc_total() / 8)
		return 0;
	for (uint k = 1; k <= ROW; k++)
		if ((pte[-(int)k] & need) != need)
			return 0;
	return min_uint(min_uint(AHEAD, left), NPTENTRIES - 1 - i);
}

void
entry_zero_ahead(const struct area *a, vaddr_t va, pte_t *pte, pte_t w)
{
	uint n = pages_ahead(a, va, pte++, PTE_P), got = 0;
	void *page[AHEAD];

	if (a->ip || a->shm)
		return;
	while (got < n && entry_kind(pte[got]) == ENTRY_ABSENT &&
	       (page[got] = kalloc_zero()))
		got++;
	if (!got)
		return;
	table_hold(pte);
	for (uint i = 0; i < got; i++)
		entry_change(&pte[i], 0, V2P(page[i]) | PTE_P | PTE_U | w);
	*table_used(pte) += got;
	table_unlock(pte);
}

// A copy of the page of entry e, if this is a page that others refer to, and no
// page of a file or of swap; else NULL. As in the fault path, the page may go
// meanwhile: then the entry has changed.
static void *
copy_of(pte_t e)
{
	const struct page *pg;
	void *va;

	if (entry_kind(e) != ENTRY_RO)
		return NULL;
	pg = entry_page(e);
	va = pg->refs > 1 && !pg->owner ? kalloc() : NULL;
	if (va)
		memcpy(va, page_va(pg), PGSIZE);
	return va;
}

void
entry_copy_ahead(struct mm *mm, const struct area *a, vaddr_t va, pte_t *pte)
{
	uint n = pages_ahead(a, va, pte++, PTE_P | PTE_W), got;
	pte_t seen[AHEAD];
	void *copy[AHEAD];
	struct tlb_batch b;

	for (got = 0; got < n; got++) {
		seen[got] = pte[got];
		copy[got] = copy_of(seen[got]);
		if (!copy[got])
			break;
	}
	if (!got)
		return;
	tlb_begin(&b, mm);
	table_hold(pte);
	for (uint i = 0; i < got; i++) {
		if ((pte[i] ^ seen[i]) & ~(PTE_A | PTE_D)) {
			kfree(copy[i]);
			continue;
		}
		entry_change(&pte[i], 0, V2P(copy[i]) | PTE_P | PTE_U | PTE_W);
		entry_put(seen[i], va + (i + 1) * PGSIZE, &b);
	}
	table_unlock(pte);
	tlb_flush(&b);
}
