// User entries of page tables. An entry is of one of these kinds:
//
//	absent      0
//	hidden      a frame, P clear: the page is kept, but no access is allowed
//	            (an area of PROT_NONE, or with LEAVING: on its way to swap);
//	            the next permitted fault unhides it
//	swapped     the number of a slot of swap (mm/swap.h), P clear, SWAPPED
//	read-only   P, U
//	writable    P, U, W
//
// Each entry that is not absent holds one reference to its frame, or to its
// slot, and counts in its table (mm/table.h). Whoever copies an entry calls
// entry_get, and whoever takes one out calls entry_put: no other
// code knows what an entry holds. Entries of the directory that name tables are
// changed by the same entry_change, where a CPU may be using them.
#pragma once
#include "abi/entry.h"
#include "kalloc.h"
#include "mm/access.h"
#include "mm/swap.h"
#include "mm/tlb.h"
#include "x86/insn.h"

static inline enum entry_kind
entry_kind(pte_t e)
{
	if (!e)
		return ENTRY_ABSENT;
	if (!(e & PTE_P))
		return e & PTE_SWAPPED ? ENTRY_SWAPPED : ENTRY_HIDDEN;
	return e & PTE_W ? ENTRY_RW : ENTRY_RO;
}

// Does the entry, present or hidden, hold a frame?
static inline bool
entry_has_page(pte_t e)
{
	return e && !(e & PTE_SWAPPED);
}

// The frame of an entry that holds one.
static inline struct page *
entry_page(pte_t e)
{
	assert(entry_has_page(e));
	return page_of_pa(PTE_ADDR(e));
}

static inline pte_t
entry_of_slot(uint slot)
{
	return slot * PGSIZE | PTE_SWAPPED;
}

// The slot of an entry that is swapped.
static inline uint
entry_slot(pte_t e)
{
	assert(entry_kind(e) == ENTRY_SWAPPED);
	return PTE_ADDR(e) / PGSIZE;
}

// A second entry now holds what e holds. e is not absent.
static inline void
entry_get(pte_t e)
{
	if (entry_has_page(e))
		page_get(entry_page(e));
	else
		swap_get(entry_slot(e));
}

// e has left the entry of va. What it held goes with the flush of b, which is
// not full. e is not absent.
static inline void
entry_put(pte_t e, vaddr_t va, struct tlb_batch *b)
{
	if (entry_has_page(e))
		tlb_add(b, va, entry_page(e));
	else
		swap_put(entry_slot(e)); // no CPU can have it
}

// Does the entry allow a program this access?
static inline bool
entry_allows(pte_t e, int access)
{
	pte_t need = access == ACCESS_WRITE ? PTE_P | PTE_W : PTE_P;

	return (e & need) == need;
}

// The only way to change an entry that a CPU may be using: keeps the bits
// `keep` of the old value and sets `set`, in one step, and returns the old
// value. The MMU of another CPU may set A or D at any moment (SDM vol. 3, 4.8).
// A plain read and write would lose such a D, and with it a program's store to
// a file. Holds the table's lock and has called
// table_own, or holds the lock and changes the table for all who share it.
static inline pte_t
entry_change(pte_t *pte, pte_t keep, pte_t set)
{
	pte_t old = *pte;

	if (!keep)
		return xchg(pte, set);
	while (!__atomic_compare_exchange_n(pte, &old, (old & keep) | set,
					    false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST))
		;
	return old;
}
