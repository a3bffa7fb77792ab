// A program that reads a page of a file mostly reads the next ones too, and a
// fault costs many times what an entry costs. So a fault that maps a page of a
// file maps its neighbours too: those of AROUND pages that are whole pages of
// the file, are in the cache, and have no entry yet.
#include "mm/around.h"
#include "fs/inode.h"
#include "kalloc.h"
#include "mm/entry.h"
#include "mm/table.h"

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
fault_around(const struct area *a, vaddr_t va, pte_t *pte)
{
	vaddr_t start = va & ~(vaddr_t)(AROUND * PGSIZE - 1);
	vaddr_t end = min_uint(start + AROUND * PGSIZE, a->end);

	start = max_uint(start, max_uint(a->start, PGROUNDUP(a->data)));
	end = min_uint(end, PGROUNDDOWN(a->data + a->filelen));
	map_cached(a->ip, (a->off + start - a->data) / PGSIZE,
		   pte + PTX(start) - PTX(va), (end - start) / PGSIZE);
}
