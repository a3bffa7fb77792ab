// User entries of page tables, by the range. An entry is in one of four states:
//
//	absent      0
//	set aside   a frame, P clear: the page is kept, nobody may touch it (an
//	            area of PROT_NONE); the next permitted fault brings it back
//	read-only   P, U
//	writable    P, U, W
//
// Each that is not absent holds one reference to its frame and counts in
// mm->pages.
#pragma once
#include "kalloc.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/tlb.h"

// The frame that an entry, present or set aside, holds.
static inline struct page *
entry_page(pte_t e)
{
	return page_of_pa(PTE_ADDR(e));
}

// May a program do this through the entry?
static inline bool
entry_allows(pte_t e, int access)
{
	pte_t need = access == ACCESS_WRITE ? PTE_P | PTE_W : PTE_P;

	return (e & need) == need;
}

// Takes the entries of [start, end) out and lets their pages go when all CPUs
// have forgotten them. Waits for other CPUs: no spinlock held.
void entry_unmap(struct mm *mm, vaddr_t start, vaddr_t end);

// One step of it, for who has more to do under the lock: moves entries from
// *start on into b. True if b is full: release, tlb_flush, and go on at *start.
// Holds mm->table_lock.
bool entry_take(struct mm *mm, vaddr_t *start, vaddr_t end, struct tlb_batch *b)
	__must_check;

// Clears W in the entries of [start, end), and P with it if `aside`; all CPUs
// have forgotten the old ones on return. No spinlock held.
void entry_protect(struct mm *mm, vaddr_t start, vaddr_t end, bool aside);
