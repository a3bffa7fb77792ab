// The fault path: the only code that fills a user page.
//
//	mm_fault:  look    the area, the entry           -> struct fault
//	           decide  fault_case, the table         -> enum fault_do
//	           act     one function for each row     -> install
//
// Locks. mm->lock is held throughout: areas stand still, and nobody else adds
// entries. But an entry that is present may change: truncate and reclaim take
// it out and drop its reference, and write-back takes its W. They hold the
// table's lock and not mm->lock (mm/hooks.c). So everything that may sleep
// (reading the object's page from disk) comes first. Then `install` and
// `unshare_in_place`, under the table's lock, change the entry only if it is
// still what `look` saw, and only if a page of a file is still that file's.
#include "mm/fault.h"
#include "abi/errno.h"
#include "abi/info.h"
#include "fs/inode.h"
#include "kalloc.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/entries.h"
#include "mm/entry.h"
#include "mm/fault_case.h"
#include "mm/ptshare.h"
#include "mm/shm.h"
#include "mm/table.h"
#include "mm/tlb.h"

#define LOOK_AGAIN 1 // a step's result, beside 0 and -E...

struct fault {
	struct mm *mm;
	vaddr_t va; // of the page
	int access;
	// Filled in by look:
	struct area *area;     // or NULL
	struct area_page page; // what belongs there
	pte_t *pte;            // the entry, if there is an area
	pte_t seen;            // its value
	struct fault_view view;
};

static uint fault_counts[DO_COUNT]; // how often each row was taken

// ---- Look ------------------------------------------------------------------

// Reads the entry for f->va, if it has a table, without the table's lock:
// whoever changes the entry looks again. Writable is what both levels allow.
static void
look_entry(struct fault *f)
{
	f->pte = walkpgdir(f->mm->pgdir, (void *)f->va, 0);
	f->seen = f->pte ? *f->pte : 0;
	f->view.entry = entry_kind(f->seen);
	if (f->view.entry == ENTRY_RW && !table_owned(f->mm, f->va))
		f->view.entry = ENTRY_RO;
}

static void
look(struct fault *f)
{
	struct fault_view *v = &f->view;
	struct area *a = area_find(&f->mm->areas, f->va);

	assert(mutex_holding(&f->mm->lock));
	f->area = a;
	v->access = f->access;
	if (!a) {
		v->place = area_stack_reaches(&f->mm->areas, f->va,
					      USER_TOP - STACK_MAX)
				   ? PLACE_REACH
				   : PLACE_NOTHING;
		return;
	}
	v->place = PLACE_AREA;
	v->readable = a->flags & AREA_READ;
	v->writable = a->flags & AREA_WRITE;
	v->shared = a->flags & AREA_SHARED;
	f->page = area_page(a, f->va);
	v->kind = f->page.kind;
	v->past_end =
		v->kind != PAGE_ANON && a->ip && f->page.off >= a->ip->size;
	look_entry(f);
}

// ---- Change an entry -------------------------------------------------------

// Is the entry still as `look` saw it, and `from` still a page of the file?
// `from` is the object's page that the new entry shows or copies, or NULL. A
// and D, which the MMU sets, do not count.
static bool
entry_unchanged(const struct fault *f, const struct page *from)
{
	assert(holding(table_lock_of(f->pte)) && table_owned(f->mm, f->va));
	if ((*f->pte ^ f->seen) & ~(PTE_A | PTE_D))
		return false;
	return !from || !f->area->ip ||
	       page_owned_by(from, f->area->ip, f->page.off / PGSIZE);
}

// Drops what the old entry held. Another CPU may still read through the old
// entry, so its page is freed only after the flush. If the new entry shows the
// same page, nothing is freed here.
static void
drop_old(struct fault *f, struct page *pg)
{
	struct tlb_batch b;

	if (entry_page(f->seen) == pg)
		return page_put(pg);
	tlb_begin(&b, f->mm);
	entry_put(f->seen, f->va, &b);
	tlb_flush(&b);
}

// The only code that puts a page into an entry (beside fork, which copies
// entries). Makes the entry show pg, with W if w has it. Takes over the
// caller's reference to pg. Returns 0, or LOOK_AGAIN or -ENOMEM (no page table)
// with pg put.
static int
install(struct fault *f, struct page *pg, pte_t w, const struct page *from)
{
	if (!f->pte)
		f->pte = table_make(f->mm, f->va);
	if (!f->pte) {
		page_put(pg);
		return -ENOMEM;
	}
	table_hold(f->pte);
	if (!entry_unchanged(f, from)) {
		table_unlock(f->pte);
		swap_page_put(pg);
		return LOOK_AGAIN;
	}
	*table_used(f->pte) += entry_kind(f->seen) == ENTRY_ABSENT;
	if (entry_kind(f->seen) == ENTRY_SWAPPED) {
		--*table_swapped(f->pte);
		if (!swap_leave(entry_slot(f->seen), pg))
			w = 0; // others can reach the page
	}
	entry_change(f->pte, 0, page_pa(pg) | PTE_P | PTE_U | w);
	table_unlock(f->pte);
	if (entry_has_page(f->seen))
		drop_old(f, pg);
	return 0;
}

// W for a page that belongs to this space alone, if the area permits writes.
static pte_t
private_w(const struct fault *f)
{
	return f->area->flags & AREA_WRITE ? PTE_W : 0;
}

// ---- Act: a function for each row ------------------------------------------

static int
do_grow(struct fault *f)
{
	struct area *stack = area_above(&f->mm->areas, f->va);

	area_grow_down(&f->mm->areas, stack, f->va);
	return LOOK_AGAIN;
}

static int
do_unhide(struct fault *f)
{
	table_hold(f->pte);
	if (entry_unchanged(f, NULL))
		entry_change(f->pte, ~PTE_LEAVING, PTE_P);
	table_unlock(f->pte);
	return LOOK_AGAIN;
}

// mm->lock is held while the disk works, as for a page of a file.
static int
do_bring_back(struct fault *f)
{
	struct page *pg;
	int r = swap_read(entry_slot(f->seen), &pg);

	if (r)
		return r > 0 ? LOOK_AGAIN : r;
	return install(f, pg, private_w(f), NULL);
}

static int
do_zero(struct fault *f)
{
	void *va = kalloc_zero();
	int err = va ? install(f, page_of(va), private_w(f), NULL) : -ENOMEM;

	if (!err)
		entry_zero_ahead(f->area, f->va, f->pte, private_w(f));
	return err;
}

// The object's page for f->va, with a reference.
static int
object_page(const struct fault *f, struct page **pg)
{
	uint index = f->page.off / PGSIZE;

	return f->area->shm ? shm_page(f->area->shm, index, pg)
			    : inode_map_page(f->area->ip, index, pg);
}

// Nobody else sees this page, so a truncate during the copy counts as later: no
// need to ask whether the file still owns the pages that were copied.
static int
do_fill(struct fault *f)
{
	uint skip = f->page.skip, end = skip + f->page.len;
	char *va = kalloc();
	int err;

	if (!va)
		return -ENOMEM;
	err = inode_copy(f->area->ip, f->page.off, va + skip, end - skip);
	if (err) {
		kfree(va);
		return err;
	}
	memset(va, 0, skip);
	memset(va + end, 0, PGSIZE - end);
	return install(f, page_of(va), private_w(f), NULL);
}

static int
do_map(struct fault *f)
{
	struct page *pg;
	int err = object_page(f, &pg);

	if (!err)
		err = install(f, pg, 0, pg);
	if (!err && f->area->ip)
		entry_map_around(f->area, f->va, f->pte);
	return err;
}

// Puts a copy of `from` in the place of the entry. Where `from` is the entry's
// own page we hold no reference to it: truncate may free it while we read it.
// But then the entry has changed too, and install throws the copy away.
static int
install_copy(struct fault *f, struct page *from)
{
	void *va = kalloc();

	if (!va)
		return -ENOMEM;
	memcpy(va, page_va(from), PGSIZE);
	return install(f, page_of(va), PTE_W, f->seen ? NULL : from);
}

static int
do_copy(struct fault *f)
{
	struct page *from;
	int err = object_page(f, &from);

	if (err)
		return err;
	err = install_copy(f, from);
	page_put(from);
	return err;
}

// The page is marked dirty a second time when the entry is there. Write-back
// may have come between the first mark and the entry, and have left a clean
// page that a program can write to unnoticed. From the entry on, write-back
// takes W away first (hook_clean).
static int
do_share(struct fault *f)
{
	struct inode *ip = f->area->ip;
	struct page *pg;
	int err = object_page(f, &pg);

	if (err)
		return err;
	if (!ip)
		return install(f, pg, PTE_W, NULL);
	err = inode_page_writable(ip, pg);
	if (!err) {
		page_get(pg);
		err = install(f, pg, PTE_W, pg);
	}
	if (!err)
		err = inode_page_writable(ip, pg);
	page_put(pg);
	return err == -ENXIO ? LOOK_AGAIN : err;
}

// Makes the entry writable in place if its reference is the page's only one (a
// slot's does not count: the page leaves its slot) and the page is not in the
// cache. True if it did. Another reference is made through this entry, under
// the table's lock, or through the cache, which has its own reference. Without
// the lock, truncate could free the page before the change (hook_unmap).
static bool
unshare_in_place(struct fault *f)
{
	struct page *pg = entry_page(f->seen);
	bool alone;

	if (pg->refs > 1 && !pg->owner)
		return false; // most often; else the lock decides
	table_hold(f->pte);
	alone = entry_unchanged(f, NULL) &&
		((pg->refs == 1 && !pg->owner) || swap_own(pg));
	if (alone)
		entry_change(f->pte, ~0u, PTE_W);
	table_unlock(f->pte);
	return alone;
}

static int
do_unshare(struct fault *f)
{
	int err;

	if (unshare_in_place(f))
		return 0;
	err = install_copy(f, entry_page(f->seen));
	if (!err)
		entry_copy_ahead(f->mm, f->area, f->va, f->pte);
	return err;
}

static int
do_refuse(struct fault *f)
{
	return -EFAULT;
}

static int
do_nothing(struct fault *f)
{
	return 0;
}

// Each returns 0, LOOK_AGAIN or an error with nothing changed.
static int (*const act[])(struct fault *f) = {
	[DO_GROW] = do_grow,	   [DO_REFUSE] = do_refuse,
	[DO_NOTHING] = do_nothing, [DO_UNHIDE] = do_unhide,
	[DO_ZERO] = do_zero,	   [DO_BRING_BACK] = do_bring_back,
	[DO_FILL] = do_fill,	   [DO_MAP] = do_map,
	[DO_COPY] = do_copy,	   [DO_SHARE] = do_share,
	[DO_UNSHARE] = do_unshare,
};

// Every row below DO_NOTHING changes the entry, so the table must be the
// space's own. After table_own the entry is another one, in the same area.
static int
do_row(struct fault *f, enum fault_do row)
{
	int err = 0;

	if (row > DO_NOTHING && !table_owned(f->mm, f->va)) {
		err = table_own(f->mm, f->va);
		look_entry(f);
		row = fault_case(&f->view);
	}
	__atomic_fetch_add(&fault_counts[row], 1, __ATOMIC_RELAXED);
	return err ? err : act[row](f);
}

// ---- The entry -------------------------------------------------------------

int
mm_fault(struct mm *mm, vaddr_t va, int access, enum fault_rule *rule)
{
	struct fault f = {.mm = mm, .va = PGROUNDDOWN(va), .access = access};
	int err;

	if (this_cpu->held) // a copy that must not wait (mm/uaccess.h)
		return -EFAULT;
	mutex_lock(&mm->lock);
	do {
		look(&f);
		err = do_row(&f, fault_case(&f.view));
	} while (err == LOOK_AGAIN);
	mutex_unlock(&mm->lock);
	if (err == -ENXIO) // the file has become shorter since look
		err = -EFAULT;
	if (rule)
		*rule = err == -EFAULT ? fault_why(&f.view) : FAULT_OK;
	return err == -ENOSPC ? -EIO : err;
}

void
fault_count(struct vminfo *v)
{
	_Static_assert(DO_COUNT <= VM_FAULTS, "vminfo has a count for each");
	memcpy(v->faults, fault_counts, sizeof(fault_counts));
}
