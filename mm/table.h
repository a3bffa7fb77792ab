// Page tables of the user's half. Each table has a lock and a count of its own,
// because several directories may name it after a fork (mm/ptshare.h).
//
// The frame of a table uses these fields of struct page:
//
//	refs    the directory entries that name the table
//	index   the entries that are not absent: of 1024
//	maps    those that are swapped
//	flags   when the clock was there last (mm/pageout.c)
//
// Two rules hold for a directory entry of the user's half. It comes to name a
// table with one store, when the table is ready. It stops naming a table under
// that table's lock, and its space's mm->lock is held, or nobody uses the space
// any more. So a holder of mm->lock finds a table without a lock, and others
// find and lock it by table_lock.
#pragma once
#include "kalloc.h"
#include "kern/lock.h"
#include "mm/space.h"

// The number of entries in use of the table that holds *pte. Its lock is held.
static inline uint *
table_used(const pte_t *pte)
{
	return &page_of(pte)->index;
}

// How many of them are swapped, and the clock's mark.
static inline ushort *
table_swapped(const pte_t *pte)
{
	return &page_of(pte)->maps;
}

static inline ushort *
table_lap(const pte_t *pte)
{
	return &page_of(pte)->flags;
}

// The address of the first byte that the table of va maps.
static inline vaddr_t
table_base(vaddr_t va)
{
	return va & ~(vaddr_t)(PDXSIZE - 1);
}

// Where a process sees the table of va: in its window.
static inline vaddr_t
table_window(vaddr_t va)
{
	return PTWINDOW + PDX(va) * PGSIZE;
}

// The lock of the table that holds *pte, for assertions.
struct spinlock *table_lock_of(const pte_t *pte);
// Locks the table of mm that maps va, and returns va's entry. NULL with nothing
// locked if there is no table. mm's directory cannot vanish meanwhile.
pte_t *table_lock(const struct mm *mm, vaddr_t va);
// The same with an entry at hand, whose table cannot be freed meanwhile.
void table_hold(pte_t *pte);
void table_unlock(pte_t *pte);

// The entry of va; its table is made if it is absent. NULL: memory is out.
// Holds mm->lock, or nobody else knows mm.
pte_t *table_make(struct mm *mm, vaddr_t va) __must_check;

// Makes `to` name a copy of mm's table for va, at the same place. Entries of
// private pages lose W on both sides. `to` is mm, or a space that nobody else
// knows. 0 or -ENOMEM. Holds mm->lock. No CPU forgets anything here, and the
// old table keeps its reference: both are the caller's to do.
int table_copy(struct mm *mm, vaddr_t va, struct mm *to) __must_check;

// Drops a directory entry's reference to a table. The last one lets the pages
// of the table go and frees it. All CPUs have forgotten what the directory
// entry led to. All entries before *first are absent.
void table_drop(pte_t *first);

// Takes the tables that map [start, end) out of the directory of mm and drops
// them. Below start they have no entry in use. No CPU runs on mm.
void table_leave(struct mm *mm, vaddr_t start, vaddr_t end);

// The sums over the tables of mm: pages in memory; pages in swap; and pages and
// tables that are mm's alone, where those of a table with n users count as the
// nth part. proc_lock or a reference keeps mm.
uint table_pages(const struct mm *mm);
uint table_swap_pages(const struct mm *mm);
uint table_cost(const struct mm *mm);
