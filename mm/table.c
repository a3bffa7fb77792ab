// Tables come, are copied and go.
//
// The lock of a table is one of a few, chosen by the table's frame. A lock that
// stood in the frame or in its struct page would vanish with the table. These
// stay. So one can lock first and then look whether the directory still names
// the table:
//
//	table_lock                        another CPU
//	read the PDE: table 7
//	lock 7's lock                     under 7's lock: PDE = table 9
//	read the PDE again: not 7?        release
//	release, begin again
//
// Two tables may have the same lock. So nobody locks two tables at once.
#include "mm/table.h"
#include "abi/errno.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/entry.h"

#define LOCKS 64

// A line of the processor's cache each: CPUs that lock different tables do not
// disturb each other.
static struct {
	struct spinlock lock;
} __attribute__((aligned(64))) locks[LOCKS] = {
	[0 ... LOCKS - 1] = { SPINLOCK("page table", RANK_PAGE_TABLE) },
};

struct spinlock *
table_lock_of(const pte_t *pte)
{
	return &locks[(vaddr_t)pte / PGSIZE % LOCKS].lock;
}

pte_t *
table_lock(const struct mm *mm, vaddr_t va)
{
	const volatile pde_t *pde = &mm->pgdir[PDX(va)];
	pde_t seen;

	while ((seen = *pde) & PTE_P) {
		pte_t *table = P2V(PTE_ADDR(seen));
		struct spinlock *lock = table_lock_of(table);

		acquire(lock);
		if (*pde & PTE_P && PTE_ADDR(*pde) == PTE_ADDR(seen))
			return &table[PTX(va)];
		release(lock);
	}
	return NULL;
}

void
table_hold(pte_t *pte)
{
	acquire(table_lock_of(pte));
}

void
table_unlock(pte_t *pte)
{
	release(table_lock_of(pte));
}

pte_t *
table_make(struct mm *mm, vaddr_t va)
{
	bool had = mm->pgdir[PDX(va)] & PTE_P;
	pte_t *pte = walkpgdir(mm->pgdir, (void *)va, 1);

	if (pte && !had)
		mm->tables++;
	return pte;
}

// ---- Copy ------------------------------------------------------------------

// Copies n entries. Returns how many are in use.
static uint
copy_entries(pte_t *from, pte_t *to, uint n, bool shared)
{
	uint used = 0;

	for (uint i = 0; i < n; i++) {
		pte_t e = from[i];

		if (entry_kind(e) == ENTRY_ABSENT)
			continue;
		if (e & PTE_W && !shared)
			e = entry_change(&from[i], ~PTE_W, 0) & ~PTE_W;
		entry_get(e);
		to[i] = e;
		used++;
	}
	return used;
}

// Copies a table, area by area. Nobody else knows `to`. Holds the lock of
// `from`.
static void
copy_table(struct mm *mm, vaddr_t base, pte_t *from, pte_t *to)
{
	uint used = 0;

	area_for_range (a, &mm->areas, base, base + PDXSIZE) {
		vaddr_t start = max_uint(a->start, base);
		vaddr_t end = min_uint(a->end, base + PDXSIZE);

		used += copy_entries(from + PTX(start), to + PTX(start),
				     (end - start) / PGSIZE,
				     a->flags & AREA_SHARED);
	}
	assertf(used == *table_used(from), "%u entries outside of areas",
		*table_used(from) - used);
	*table_used(to) = used;
	*table_swapped(to) = *table_swapped(from);
}

// A hook of the file system may come between any two steps (mm/hooks.c). The
// copy and the change of the directory entry are one step for it: it finds the
// page in the old table, or in the new one, or in both, and not in neither.
int
table_copy(struct mm *mm, vaddr_t va, struct mm *to)
{
	pte_t *new = kalloc_zero(), *old;

	assert(mutex_holding(&mm->lock));
	if (!new)
		return -ENOMEM;
	old = table_lock(mm, table_base(va));
	copy_table(mm, table_base(va), old, new);
	xchg(&to->pgdir[PDX(va)], V2P(new) | PTE_P | PTE_W | PTE_U);
	table_unlock(old);
	if (to != mm)
		to->tables++;
	return 0;
}

// ---- Go --------------------------------------------------------------------

// Lets the pages of a table go that no directory names. Its first entry in use
// is *pte or stands behind.
static void
empty_table(pte_t *pte)
{
	struct tlb_batch b;

	tlb_begin(&b, NULL); // no CPU has the entries: nothing is flushed
	for (uint used = *table_used(pte); used > 0; pte++) {
		if (entry_kind(*pte) == ENTRY_ABSENT)
			continue;
		if (tlb_full(&b))
			tlb_flush(&b);
		entry_put(*pte, 0, &b);
		*pte = 0;
		used--;
	}
	tlb_flush(&b);
}

void
table_drop(pte_t *first)
{
	struct page *table = page_of(first);

	if (__atomic_sub_fetch(&table->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	empty_table(first);
	table->index = 0;
	table->maps = 0;
	table->refs = 1;
	kfree_zero(page_va(table));
}

void
table_leave(struct mm *mm, vaddr_t start, vaddr_t end)
{
	for (; start < end; start = table_base(start) + PDXSIZE) {
		pte_t *pte = table_lock(mm, start);

		if (!pte)
			continue;
		mm->pgdir[PDX(start)] = 0;
		mm->tables--;
		table_unlock(pte);
		table_drop(pte);
	}
}

// ---- Count -----------------------------------------------------------------

static uint
sum_tables(const struct mm *mm, uint (*count)(const pte_t *table))
{
	uint sum = 0;
	pte_t *pte;

	for (vaddr_t va = 0; va < USER_TOP; va += PDXSIZE) {
		pte = table_lock(mm, va);
		if (!pte)
			continue;
		sum += count(pte);
		table_unlock(pte);
	}
	return sum;
}

static uint
count_pages(const pte_t *table)
{
	return *table_used(table) - *table_swapped(table);
}

static uint
count_swapped(const pte_t *table)
{
	return *table_swapped(table);
}

static uint
count_cost(const pte_t *table)
{
	return (*table_used(table) + 1) / page_of(table)->refs;
}

uint
table_pages(const struct mm *mm)
{
	return sum_tables(mm, count_pages);
}

uint
table_swap_pages(const struct mm *mm)
{
	return sum_tables(mm, count_swapped);
}

uint
table_cost(const struct mm *mm)
{
	return sum_tables(mm, count_cost);
}
