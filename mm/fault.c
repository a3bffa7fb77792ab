// The fault path: the only code that fills a user page.
//
//	mm_fault:  look    the area, the entry           -> struct fault
//	           decide  fault_case, the table         -> enum fault_do
//	           act     one function for each row     -> install
//
// Locks. mm->lock is held throughout: areas stand still, and nobody else adds
// entries. But an entry that is present may change: truncate and reclaim take
// it out and drop its reference, and write-back takes its W. They hold the
// page-table lock and not mm->lock (mm/hooks.c). So everything that may sleep
// (reading the object's page from disk) comes first. Then `install` and
// `unshare_in_place`, under the page-table lock, change the entry only if it is
// still what `look` saw, and only if a page of a file is still that file's.
// Else mm_fault looks again.
#include "mm/fault.h"
#include "abi/errno.h"
#include "fs/inode.h"
#include "kalloc.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/entry.h"
#include "mm/fault_case.h"
#include "mm/shm.h"

#define LOOK_AGAIN 1 // a step's result, beside 0 and -E...
#define STACK_GAP (16 * PGSIZE) // free below a stack that grows: its guard

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

// ---- Look ------------------------------------------------------------------

// May the stack area above va, if that is what comes next, grow down to va?
static bool
in_reach(const struct mm *mm, vaddr_t va)
{
	struct area *stack = area_above(&mm->areas, va);
	vaddr_t low = 0; // end of the area below

	if (!stack || !(stack->flags & AREA_STACK))
		return false;
	if (stack->link.prev != &mm->areas)
		low = list_entry(stack->link.prev, struct area, link)->end;
	return va >= USER_TOP - STACK_MAX && va - low >= STACK_GAP;
}

// Reads f->area's entry for f->va, making its table (nobody else adds tables).
// 0 or
// -ENOMEM. The page-table lock is not needed for a look: install looks again.
static int
look_entry(struct fault *f)
{
	f->pte = walkpgdir(f->mm->pgdir, (void *)f->va, 1);
	f->seen = f->pte ? *f->pte : 0;
	if (!f->seen)
		f->view.entry = ENTRY_ABSENT;
	else if (!(f->seen & PTE_P))
		f->view.entry = ENTRY_ASIDE;
	else
		f->view.entry = f->seen & PTE_W ? ENTRY_RW : ENTRY_RO;
	return f->pte ? 0 : -ENOMEM;
}

static int
look(struct fault *f)
{
	struct fault_view *v = &f->view;
	struct area *a = area_find(&f->mm->areas, f->va);

	assert(mutex_holding(&f->mm->lock));
	f->area = a;
	v->access = f->access;
	if (!a) {
		v->place = in_reach(f->mm, f->va) ? PLACE_REACH : PLACE_NOTHING;
		return 0;
	}
	v->place = PLACE_AREA;
	v->readable = a->flags & AREA_READ;
	v->writable = a->flags & AREA_WRITE;
	v->shared = a->flags & AREA_SHARED;
	f->page = area_page(a, f->va);
	v->kind = f->page.kind;
	v->past_end =
		v->kind != PAGE_ANON && a->ip && f->page.off >= a->ip->size;
	return look_entry(f);
}

// ---- Install ---------------------------------------------------------------

// Is the world still as look saw it? `from` is the object's page that the new
// entry shows or copies, or NULL. What the MMU notes in an entry changes
// nothing.
static bool
still_so(const struct fault *f, const struct page *from)
{
	assert(holding(&f->mm->table_lock));
	if ((*f->pte ^ f->seen) & ~(PTE_A | PTE_D))
		return false;
	return !from || !f->area->ip ||
	       page_owned_by(from, f->area->ip, f->page.off / PGSIZE);
}

// Lets the page of the old entry go. Another CPU may still read through it (if
// it is not the new one too), and must not see it freed.
static void
drop_old(struct fault *f, struct page *pg)
{
	struct page *old = entry_page(f->seen);
	struct tlb_batch b;

	if (old == pg) {
		page_put(old);
		return;
	}
	tlb_begin(&b, f->mm);
	(void)!tlb_add(&b, f->va, old);
	tlb_flush(&b);
}

// Makes the entry show pg, with W as said. Takes over the caller's reference to
// pg. Returns 0, or LOOK_AGAIN with pg put.
static int
install(struct fault *f, struct page *pg, pte_t w, const struct page *from)
{
	struct mm *mm = f->mm;

	acquire(&mm->table_lock);
	if (!still_so(f, from)) {
		release(&mm->table_lock);
		page_put(pg);
		return LOOK_AGAIN;
	}
	*f->pte = page_pa(pg) | PTE_P | PTE_U | w;
	if (!f->seen)
		mm->pages++;
	release(&mm->table_lock);
	if (f->seen)
		drop_old(f, pg);
	return 0;
}

// A page that is this space's alone may be written to if the area permits it.
static pte_t
own_w(const struct fault *f)
{
	return f->area->flags & AREA_WRITE ? PTE_W : 0;
}

// ---- Act: a function for each row ------------------------------------------

static int
grow(struct fault *f)
{
	struct area *stack = area_above(&f->mm->areas, f->va);

	f->mm->size += stack->start - f->va;
	stack->start = f->va;
	return LOOK_AGAIN;
}

static int
bring_back(struct fault *f)
{
	acquire(&f->mm->table_lock);
	if (still_so(f, NULL))
		*f->pte = f->seen | PTE_P;
	release(&f->mm->table_lock);
	return LOOK_AGAIN;
}

static int
zero(struct fault *f)
{
	void *va = kalloc_zero();

	return va ? install(f, page_of(va), own_w(f), NULL) : -ENOMEM;
}

// The object's page for f->va, with a reference.
static int
object_page(const struct fault *f, struct page **pg)
{
	uint index = f->page.off / PGSIZE;

	if (f->area->shm)
		return shm_page(f->area->shm, index, pg);
	return inode_map_page(f->area->ip, index, pg);
}

// The page is private from its birth, so it need not ask whether the file still
// owns its sources: a truncate that comes in between comes as if after it.
static int
fill(struct fault *f)
{
	char *va = kalloc_zero();
	int err;

	if (!va)
		return -ENOMEM;
	err = inode_copy(f->area->ip, f->page.off, va + f->page.skip,
			 f->page.len);
	if (err) {
		kfree(va);
		return err;
	}
	return install(f, page_of(va), own_w(f), NULL);
}

static int
map(struct fault *f)
{
	struct page *pg;
	int err = object_page(f, &pg);

	return err ? err : install(f, pg, 0, pg);
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
copy(struct fault *f)
{
	struct page *from;
	int err = object_page(f, &from);

	if (err)
		return err;
	err = install_copy(f, from);
	page_put(from);
	return err;
}

// Marked dirty a second time when the entry is there: write-back may have come
// between the mark and the entry, and have left a clean page that a program can
// write to unnoticed. From the entry on it takes W away first (the clean hook).
static int
share(struct fault *f)
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

// Makes the entry writable in place if its reference is the page's only one and
// the page is not in the cache. True if it did. Every way to another reference
// leads through this entry and needs the page-table lock, or through the cache,
// which holds a reference of its own. Without the lock, truncate could free the
// page between the test and the change (hook_unmap).
static bool
unshare_in_place(struct fault *f)
{
	struct page *pg = entry_page(f->seen);
	bool alone;

	acquire(&f->mm->table_lock);
	alone = still_so(f, NULL) && pg->refs == 1 && !pg->owner;
	if (alone)
		*f->pte |= PTE_W;
	release(&f->mm->table_lock);
	return alone;
}

static int
unshare(struct fault *f)
{
	if (unshare_in_place(f))
		return 0;
	return install_copy(f, entry_page(f->seen));
}

static int
refuse(struct fault *f)
{
	return -EFAULT;
}

static int
nothing(struct fault *f)
{
	return 0;
}

// Each returns 0, LOOK_AGAIN or an error with nothing changed.
static int (*const act[])(struct fault *f) = {
	[DO_GROW] = grow,	[DO_REFUSE] = refuse,
	[DO_NOTHING] = nothing, [DO_BRING_BACK] = bring_back,
	[DO_ZERO] = zero,	[DO_FILL] = fill,
	[DO_MAP] = map,		[DO_COPY] = copy,
	[DO_SHARE] = share,	[DO_UNSHARE] = unshare,
};

// ---- The entry -------------------------------------------------------------

int
mm_fault(struct mm *mm, vaddr_t va, int access, enum fault_rule *rule)
{
	struct fault f = {.mm = mm, .va = PGROUNDDOWN(va), .access = access};
	int err;

	mutex_lock(&mm->lock);
	do {
		err = look(&f);
		if (!err)
			err = act[fault_case(&f.view)](&f);
	} while (err == LOOK_AGAIN);
	mutex_unlock(&mm->lock);
	if (err == -ENXIO) // the file's end came nearer since look
		err = -EFAULT;
	if (rule)
		*rule = err == -EFAULT ? fault_why(&f.view) : FAULT_OK;
	return err == -ENOSPC ? -EIO : err;
}

const char *
mm_describe(struct mm *mm, vaddr_t va)
{
	const char *what = "nothing";
	struct area *a;

	if (va >= USER_TOP)
		return "kernel";
	mutex_lock(&mm->lock);
	a = area_find(&mm->areas, va);
	if (a && a->flags & AREA_STACK)
		what = "stack";
	else if (a && a->flags & AREA_HEAP)
		what = "heap";
	else if (a && a->start >= BRK_MAX)
		what = "mapping";
	else if (a)
		what = a->flags & AREA_WRITE ? "data" : "text";
	mutex_unlock(&mm->lock);
	return what;
}
