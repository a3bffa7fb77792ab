// Page tables that several directories name.
//
// Who changes a shared table? Faults, munmap, mprotect and the like hold
// mm->lock and call table_own first. So they only ever change a table of their
// own space. The hooks of the file system (mm/hooks.c) have no mm->lock. They
// change a shared table in place, for all who share it. That is right because
// an entry that is in use lies in an area of every space that shares the table,
// and all these areas show the same page of the same file there: to unmap the
// area or to map another one, a space must take the entry out, and owns the
// table from then on.
//
// Which CPUs may hold translations that come from a shared table? Those whose
// directory names the table. All sharers name it at the same index, so
// tlb_table looks into the directory that each CPU runs. It does so with the
// table's lock held. This is exact because a directory entry stops naming a
// table under the same lock:
//
//	a hook                           table_own, in one of the spaces
//	lock; take the entry out;        lock; copy the table;
//	note the CPUs; unlock            PDE = the copy; unlock
//	flush them; free the page        flush its CPUs; drop the old table
//
// If the hook comes first, the PDE still names the table, and the CPU is noted.
// If table_own comes first, the copy has the entry too, with a reference to the
// page: the page stays until the hook has been at the copy, whose CPUs it then
// notes.
//
// When may a table be freed? A CPU keeps directory entries too, in its
// paging-structure caches, and goes on walking the old table until it flushes.
// If another space owned and changed the table meanwhile, this CPU would load
// that space's pages. So the reference to the old table is dropped only after
// the flush. The window's page of the table, where the process sees its
// entries, is a translation to the table's own frame, and is forgotten in the
// same flush: invlpg of any address also drops the cached directory entries
// (SDM vol. 3, 4.10.4.1). Translations to pages may stay: they are read-only,
// and the copy leads to the same pages.
//
// A and D: a CPU sets A in a shared table at any moment, so a copy can miss an
// A, which only makes a page look a little older. It cannot set D, because no
// directory entry of a sharer has W. When the last sharer gets W back, some CPU
// may still have the directory entry without W. It faults, and the fault finds
// nothing to do and makes the CPU forget (SDM vol. 3, 4.10.4.3).
#include "mm/ptshare.h"
#include "mm/cursor.h"
#include "mm/entry.h"
#include "mm/table.h"
#include "mm/tlb.h"

static struct page *
table_frame(const struct mm *mm, vaddr_t va)
{
	return page_of_pa(PTE_ADDR(mm->pgdir[PDX(va)]));
}

int
table_fork(struct mm *parent, struct mm *child, vaddr_t va)
{
	pde_t *pde = &parent->pgdir[PDX(va)];

	page_get(table_frame(parent, va));
	entry_change(pde, ~PTE_W, 0);
	child->pgdir[PDX(va)] = PTE_ADDR(*pde) | PTE_P | PTE_U;
	child->tables++;
	return 0;
}

// The space goes on with a copy, and lets the table to the others.
static int
leave_shared(struct mm *mm, vaddr_t va)
{
	struct page *table = table_frame(mm, va);
	struct tlb_batch b;
	int err = table_copy(mm, va, mm);

	if (err)
		return err;
	tlb_begin(&b, mm);
	tlb_add(&b, table_window(va), NULL);
	tlb_flush(&b);
	table_drop(page_va(table));
	return 0;
}

// With one reference left the table is ours alone. Nobody can share it again
// but a fork of this space, which needs mm->lock.
int
table_own(struct mm *mm, vaddr_t va)
{
	struct page *table;

	if (table_owned(mm, va))
		return 0;
	table = table_frame(mm, va);
	if (__atomic_load_n(&table->refs, __ATOMIC_ACQUIRE) > 1)
		return leave_shared(mm, va);
	entry_change(&mm->pgdir[PDX(va)], ~0u, PTE_W);
	return 0;
}

int
table_own_range(struct mm *mm, vaddr_t start, vaddr_t end)
{
	int err = 0;

	while (!err && (start = cursor_skip(mm->pgdir, start, end)) < end) {
		err = table_own(mm, start);
		start = table_base(start) + PDXSIZE;
	}
	return err;
}
