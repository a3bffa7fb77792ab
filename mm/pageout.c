// The clock. A hand goes round all entries of all spaces, one table after the
// other:
//
//	spaces -> mm -> mm -> mm ->      the hand: the first mm of the list,
//	          table  table  table    at its address mm->hand
//
// An entry that a program has used since the hand was there (A) gets a second
// chance: the hand clears A and goes on. An entry that nobody has used loses
// its page:
//
//	a file's page      The entry goes. The cache can then free the page. If
//	                   the entry has W, it stays until a commit has written
//	                   the page and taken W away.
//	an anonymous page  The page goes to a slot of swap, in four steps.
//
// The four steps, for up to SWAP_RUN pages at a time:
//
//	1. hide     Every entry that shows the page loses P and is marked
//	            LEAVING.
//	2. flush    All CPUs forget these entries. From here on nobody can
//	            change the page without a fault, and D is final. A CPU
//	            that still had the translation would set D, or write
//	            without setting it, after we have looked.
//	3. write    The page goes to its slot. If its slot has the same bytes
//	            (D is clear), there is nothing to write.
//	4. replace  Each entry that is still marked gets the slot's number
//	            and drops its reference; then the frame is free.
//
// A program that touches the page before step 4 faults, finds the hidden entry
// and unhides it (mm/fault.c, DO_UNHIDE). That takes the mark away, and the
// page stays. So no fault waits for a write.
//
// Anonymous pages have no list of their users. But fork copies a page to the
// same address. So whoever shows the page shows it at this address, in some
// space of the list. If the entries that were found there are not all the
// references, then somebody else uses the page (a system call, for a moment),
// and it stays: a page leaves all tables, or none.
//
// A is cleared, and the CPUs are told to forget, in the same turn. A CPU sets A
// only when it loads a translation. One that kept it would use the page without
// setting A again, and the page in use would look unused.
//
// Locks. One thread at a time is here (pageout_lock). The list's lock keeps the
// spaces, their tables' locks the entries. No mm->lock is taken: its holder may
// wait for a disk. Nothing is allocated, because memory is out.
#include "mm/pageout.h"
#include "abi/info.h"
#include "fs/cache.h"
#include "fs/fs.h"
#include "kern/mutex.h"
#include "kern/sched.h"
#include "lib/assert.h"
#include "mm/cursor.h"
#include "mm/entry.h"
#include "mm/space.h"
#include "mm/swap.h"
#include "mm/table.h"
#include "mm/tlb.h"

#define CACHE_STEP 16 // pages that the cache gives for each turn of the hand
#define AHEAD_KEPT 32 // frames read ahead that are left in peace
#define LAPS       3  // a part of one, one that clears A, one that takes

static struct mutex pageout_lock = MUTEX(pageout_lock, "pageout", RANK_PAGEOUT);
static struct spinlock spaces_lock = SPINLOCK("spaces", RANK_SPACES);
static struct list spaces = LIST_INIT(spaces);
static ushort lap; // how often the hand has been round; pageout_lock

// A page on its way to swap. We have a reference to it.
struct victim {
	struct page *pg;
	vaddr_t va;            // where the spaces show it
	const struct mm *only; // the one space that shows it; NULL: look at all
	uint hidden;           // entries that were marked
	bool keep;             // used, changed or shared otherwise: it stays
	bool dirty;            // D in one of its entries
};

// Since the start; pageout_lock.
static struct {
	uint looked;  // entries that the hand has passed
	uint spared;  // ... used, so that A was cleared
	uint files;   // ... of a file's page, taken out
	uint clean;   // pages that went without a write
	uint touched; // pages touched on their way out: they stay
} done;

static struct victim victims[SWAP_RUN];
static uint nvictims;
static struct tlb_batch batch;

// ---- The list of spaces ----------------------------------------------------

void
pageout_enter(struct mm *mm)
{
	acquire(&spaces_lock);
	mm->lap = lap;
	list_append(&spaces, &mm->space_link);
	release(&spaces_lock);
}

void
pageout_leave(struct mm *mm)
{
	acquire(&spaces_lock);
	list_remove(&mm->space_link);
	release(&spaces_lock);
}

// ---- All entries of a victim -----------------------------------------------

typedef void entry_fn(struct victim *v, const struct mm *mm, pte_t *pte);

// Calls fn for each entry that shows the victim, with its table locked. It may
// come to an entry of a shared table several times.
static void
for_entries(struct victim *v, entry_fn *fn)
{
	acquire(&spaces_lock);
	list_for_each (mm, &spaces, struct mm, space_link) {
		pte_t *pte;

		if (v->only && mm != v->only)
			continue;
		pte = table_lock(mm, v->va);
		if (!pte)
			continue;
		if (entry_has_page(*pte) && entry_page(*pte) == v->pg)
			fn(v, mm, pte);
		table_unlock(pte);
	}
	release(&spaces_lock);
}

// Is the entry used? Takes an old mark away, so that hide_entry counts it.
static void
check_entry(struct victim *v, const struct mm *mm, pte_t *pte)
{
	if (entry_change(pte, ~PTE_LEAVING, 0) & PTE_A)
		v->keep = true;
}

// Step 1.
static void
hide_entry(struct victim *v, const struct mm *mm, pte_t *pte)
{
	if (*pte & PTE_LEAVING)
		return;
	entry_change(pte, ~PTE_P, PTE_LEAVING);
	tlb_table(&batch, mm, v->va);
	batch.all = true;
	v->hidden++;
}

// After step 2.
static void
look_dirty(struct victim *v, const struct mm *mm, pte_t *pte)
{
	if (*pte & PTE_D)
		v->dirty = true;
}

// Step 4. Our reference keeps the frame.
static void
replace_entry(struct victim *v, const struct mm *mm, pte_t *pte)
{
	if ((*pte & (PTE_P | PTE_LEAVING)) != PTE_LEAVING)
		return;
	entry_change(pte, 0, entry_of_slot(v->pg->index));
	swap_get(v->pg->index);
	++*table_swapped(pte);
	page_put(v->pg);
	v->hidden--;
}

// ---- The hand --------------------------------------------------------------

// An entry shows a page of a file.
static void
take_file_entry(pte_t *pte, vaddr_t va)
{
	if (*pte & PTE_W)
		return;
	entry_put(entry_change(pte, 0, 0), va, &batch);
	--*table_used(pte);
	done.files++;
}

// An entry shows an anonymous page that it has not used.
static void
offer_page(const struct mm *mm, pte_t *pte, vaddr_t va)
{
	struct page *pg = entry_page(*pte);
	struct victim *v = &victims[nvictims];
	bool needs_slot = !swap_has(pg) || *pte & PTE_D;

	if (needs_slot && !swap_free())
		return;
	*v = (struct victim){ .pg = pg, .va = va };
	page_get(pg);
	nvictims++;
	if (pg->refs != 2 + swap_has(pg))
		return; // shared: see find_victims
	v->only = mm;
	check_entry(v, mm, pte);
	hide_entry(v, mm, pte);
}

static void
look_at(const struct mm *mm, pte_t *pte, vaddr_t va)
{
	struct page *pg;

	if (!entry_has_page(*pte))
		return;
	done.looked++;
	if (*pte & PTE_A) {
		entry_change(pte, ~PTE_A, 0);
		done.spared++;
		batch.all = true;
		return;
	}
	pg = entry_page(*pte);
	if (pg->owner && !swap_has(pg))
		take_file_entry(pte, va);
	else
		offer_page(mm, pte, va);
}

// Looks at the entries of a table from va, whose entry is *pte, on. A table
// that several spaces share is looked at once in a lap. Returns where the hand
// stands then.
static vaddr_t
look_at_table(const struct mm *mm, pte_t *pte, vaddr_t va)
{
	vaddr_t end = table_base(va) + PDXSIZE;
	ushort *seen = table_lap(pte);

	if (*seen == lap && PTX(va) == 0)
		return end;
	*seen = lap;
	for (; va < end && !tlb_full(&batch) && nvictims < SWAP_RUN;
	     va += PGSIZE)
		look_at(mm, pte++, va);
	return va;
}

// The hand leaves the first space of the list, which goes to the list's end.
static void
leave_space(struct mm *mm)
{
	mm->hand = 0;
	mm->lap = lap;
	list_remove(&mm->space_link);
	list_append(&spaces, &mm->space_link);
}

// Moves the hand over a table of the first space, or over a part of it. Holds
// spaces_lock.
static void
turn_hand(struct mm *mm)
{
	pte_t *pte = NULL;

	if (mm->lap == lap)
		lap++; // the hand has been round
	mm->hand = cursor_skip(mm->pgdir, mm->hand, USER_TOP);
	if (mm->hand < USER_TOP)
		pte = table_lock(mm, mm->hand);
	if (pte) {
		tlb_table(&batch, mm, mm->hand);
		mm->hand = look_at_table(mm, pte, mm->hand);
		table_unlock(pte);
	}
	if (mm->hand >= USER_TOP)
		leave_space(mm);
}

// Looks for victims in the next table, and hides them: steps 1 and 2.
static void
find_victims(void)
{
	nvictims = 0;
	tlb_begin(&batch, NULL);
	acquire(&spaces_lock);
	if (list_empty(&spaces))
		lap++;
	else
		turn_hand(list_first(&spaces, struct mm, space_link));
	release(&spaces_lock);
	for (struct victim *v = victims; v < &victims[nvictims]; v++) {
		if (v->only)
			continue;
		for_entries(v, check_entry);
		if (!v->keep)
			for_entries(v, hide_entry);
	}
	tlb_flush(&batch);
}

// ---- Out -------------------------------------------------------------------

// After step 2: are the hidden entries all that show the page? Then it can go.
static bool
can_go(struct victim *v)
{
	uint others = 1 + swap_has(v->pg); // ours, and the slot's reference

	return !v->keep && v->hidden &&
	       v->pg->refs == (int)(v->hidden + others);
}

// Step 3: gives slots to the pages that have none with the same bytes.
static void
write_victims(void)
{
	struct page *pg[SWAP_RUN];
	uint n = 0;

	for (struct victim *v = victims; v < &victims[nvictims]; v++) {
		v->keep = !can_go(v);
		if (v->keep)
			continue;
		if (swap_has(v->pg))
			for_entries(v, look_dirty);
		if (v->dirty)
			swap_forget(v->pg);
		if (!swap_has(v->pg))
			pg[n++] = v->pg;
		else
			done.clean++;
	}
	for (uint i = 0, some = 1; i < n && some; i += some)
		some = swap_write(pg + i, n - i);
}

// Step 4. Returns how many frames became free.
static uint
replace_victims(void)
{
	uint freed = 0;

	for (struct victim *v = victims; v < &victims[nvictims]; v++) {
		if (!v->keep && swap_has(v->pg)) {
			for_entries(v, replace_entry);
			done.touched += v->hidden > 0;
		}
		freed += swap_page_put(v->pg);
	}
	return freed;
}

// ---- All of it -------------------------------------------------------------

// The cache and the programs give in turn: for each table that the hand passes,
// the cache looks at some of its pages, in its own round.
static uint
sweep(uint want)
{
	ushort first = lap;
	uint freed = 0;

	while (freed < want && (ushort)(lap - first) < LAPS) {
		freed += cache_shrink(CACHE_STEP) + swap_shrink(AHEAD_KEPT);
		find_victims();
		write_victims();
		freed += replace_victims();
	}
	return freed;
}

// Pages of files that programs have written to can go after a commit, which
// takes W away: one more sweep finds them.
uint
pageout_reclaim(uint want)
{
	uint freed;

	assert(!thread_this()->held);
	if (mutex_lock_killable(&pageout_lock))
		return 0;
	freed = sweep(want);
	if (freed < want)
		freed += swap_shrink(0) + fs_reclaim(want - freed);
	if (!freed)
		freed = sweep(want);
	mutex_unlock(&pageout_lock);
	return freed;
}

void
pageout_count(struct vminfo *v)
{
	v->looked = done.looked;
	v->spared = done.spared;
	v->file_taken = done.files;
	v->swap_clean = done.clean;
	v->touched = done.touched;
}
