// Sharing page tables at fork. Parent and child name the same table, both
// without W in their directory entries. The first change below a shared table
// copies the table first:
//
//	after fork                          after the child's write
//	parent [table 5,  ] --> table 5     parent [table 5,  ] --> table 5
//	child  [table 5,  ] ----^           child  [table 8, W] --> table 8
//	refs of table 5: 2                  refs of table 5: 1
//
// An access needs the permission of both levels (SDM vol. 3, 4.6.1). So a
// directory entry without W makes 1024 pages read-only with one store, and
// "writable" always means the directory entry and the table's entry together.
//
// Invariant: a directory entry with W names a table that nobody else names.
//
// With PTSHARE=0 fork copies every table, and a space owns all its tables.
#pragma once
#include "mm/space.h"

// May mm change the table of va? A table that is absent is made as its own.
static inline bool
table_owned(const struct mm *mm, vaddr_t va)
{
	return (mm->pgdir[PDX(va)] & (PTE_P | PTE_W)) != PTE_P;
}

// Gives the new child the parent's table for va. 0 or -ENOMEM. Holds the
// parent's mm->lock. The CPUs that run the parent still have the old rights.
int table_fork(struct mm *parent, struct mm *child, vaddr_t va) __must_check;

#ifdef PTSHARE
// Makes the table of va, if there is one, mm's own: every change of an entry
// comes after this call. 0 or -ENOMEM. Holds mm->lock, which keeps the table
// mm's own. No spinlock held.
int table_own(struct mm *mm, vaddr_t va) __must_check;
// The same for all tables of [start, end).
int table_own_range(struct mm *mm, vaddr_t start, vaddr_t end) __must_check;
#else
static inline int
table_own(struct mm *mm, vaddr_t va)
{
	return 0;
}

static inline int
table_own_range(struct mm *mm, vaddr_t start, vaddr_t end)
{
	return 0;
}
#endif
