// Loops over the user entries of one space.
#pragma once
#include "mm/space.h"
#include "mm/tlb.h"

// Takes the entries of [start, end) out and lets their pages go when all CPUs
// have forgotten them. Waits for other CPUs: no spinlock held. Holds mm->lock,
// and owns the tables.
void entry_unmap(struct mm *mm, vaddr_t start, vaddr_t end);

// One step of it: locks the first table from *start on, moves entries from
// there into b, notes the CPUs that may hold them, and moves *start behind
// them. Returns true if *start has not reached the end. If b is full
// afterwards, call tlb_flush before the next step. Where the table is shared,
// the entries go for all who share it.
bool entry_take(struct mm *mm, vaddr_t *start, vaddr_t end, struct tlb_batch *b)
	__must_check;
// Clears W in the entries of [start, end), and P too if `hide`. All CPUs have
// forgotten the old entries on return. No spinlock held. Holds mm->lock, and
// owns the tables.
void entry_protect(struct mm *mm, vaddr_t start, vaddr_t end, bool hide);

// Frees the tables that map [start, end) and no area any more. A space keeps a
// few tables all the same, so that a program that maps and unmaps in turn does
// not make its table anew each time. Holds mm->lock. Waits for other CPUs.
void entry_free_tables(struct mm *mm, vaddr_t start, vaddr_t end);

// The page at va, whose entry is *pte, is a page of the file behind a, and has
// just been mapped read-only. Maps its neighbours in the same way: those of 16
// pages in a row that are whole pages of the file, are in the cache, and have
// no entry yet. Holds mm->lock, and owns the table. Never sleeps.
void entry_map_around(const struct area *a, vaddr_t va, pte_t *pte);

// The page at va, whose entry is *pte, has just got its first page of zeros, or
// its copy. If the pages before it have been touched one after the other, the
// next ones get theirs too: entry_zero_ahead fills absent entries, with W if w
// has it; entry_copy_ahead copies pages that are shared after a fork. a is
// private. Hold mm->lock, and own the table. Never fail; may wait for other
// CPUs.
void entry_zero_ahead(const struct area *a, vaddr_t va, pte_t *pte, pte_t w);
void entry_copy_ahead(struct mm *mm, const struct area *a, vaddr_t va,
		      pte_t *pte);
