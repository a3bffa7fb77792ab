// The table of slots. swap.h has the states of a slot.
//
// The table is an array by number, so it is also the way from a slot to its
// frame: swap needs no hash. It lies in pages that swapon allocates. After that
// nothing here needs memory but a read: pages leave when memory is out.
//
// One lock guards the table and the link between slots and frames. Nobody holds
// it while the disk works. Whoever reads a slot marks it busy, others wait. No
// one waits for a write: the frame stays until then.
#include "mm/swap.h"
#include "abi/errno.h"
#include "abi/info.h"
#include "dev/blk.h"
#include "kern/lock.h"
#include "kern/wait.h"
#include "lib/assert.h"

#define AHEAD      8  // slots in one read
#define AHEAD_FREE 16 // frames that reading ahead leaves free

static char swap_owner; // only its address counts
static struct spinlock swap_lock = SPINLOCK("swap", RANK_SWAP);
static struct waitq read_wait = WAITQ(read_wait, "swap");
static struct slot **table;   // [I] the pages of the table
static struct blk_disk *disk; // [I]
static volatile uint nslots;  // [I] 0: swap is off
static volatile uint nfree;
static uint next_search;       // the search for free slots goes on here
static struct list ahead = LIST_INIT(ahead); // frames read ahead, oldest first
static uint nahead, nin, nout, nbad; // of them; pages read, written, lost

static struct slot *
slot_at(uint n)
{
	assertf(n < nslots, "slot %u of %u", n, nslots);
	return &table[n / SLOTS_PER_PAGE][n % SLOTS_PER_PAGE];
}

bool
swap_has(const struct page *pg)
{
	return pg->owner == &swap_owner;
}

uint
swap_total(void)
{
	return nslots;
}

uint
swap_free(void)
{
	return nfree;
}

void
swap_count(struct vminfo *v)
{
	v->swap_total = nslots - nbad;
	v->swap_free = nfree;
	v->swap_in = nin;
	v->swap_out = nout;
}

int
swap_start(struct blk_disk *d, struct slot **slots, uint n)
{
	bool first;

	acquire(&swap_lock);
	first = !nslots;
	if (first) {
		disk = d;
		table = slots;
		nslots = nfree = n;
	}
	release(&swap_lock);
	return first ? 0 : -EBUSY;
}

// ---- Slots and frames; swap_lock is held -----------------------------------

static bool
slot_free(const struct slot *s)
{
	return !s->count && !s->page && !s->bad;
}

// Takes over a reference to pg.
static void
attach_page(uint n, struct page *pg)
{
	struct slot *s = slot_at(n);

	assert(!pg->owner && !s->page);
	nfree -= slot_free(s);
	s->page = pg;
	pg->owner = &swap_owner;
	pg->index = n;
}

static void
leave_ahead(struct page *pg)
{
	nahead -= !list_empty(&pg->link);
	list_remove(&pg->link);
}

// The slot lets its frame go; its reference passes to the caller.
static struct page *
detach_page(struct slot *s)
{
	struct page *pg = s->page;

	leave_ahead(pg);
	pg->owner = NULL;
	pg->index = 0;
	s->page = NULL;
	nfree += slot_free(s);
	return pg;
}

// If nobody shows the frame of s, frees it. So does the last entry that held
// the slot, if nobody shows it.
static bool
free_unshown(struct slot *s)
{
	if (!s->page || s->busy || s->page->refs > 1)
		return false;
	page_put(detach_page(s));
	return true;
}

void
swap_get(uint slot)
{
	acquire(&swap_lock);
	assert(slot_at(slot)->count < 0xFFFF);
	slot_at(slot)->count++;
	release(&swap_lock);
}

static void
put_slot(struct slot *s)
{
	assertf(s->count, "slot with block %u freed twice", s->block);
	s->count--;
	nfree += slot_free(s);
}

void
swap_put(uint slot)
{
	struct slot *s;

	acquire(&swap_lock);
	s = slot_at(slot);
	put_slot(s);
	if (!s->count)
		free_unshown(s);
	release(&swap_lock);
}

bool
swap_leave(uint slot, const struct page *pg)
{
	struct slot *s;
	bool alone;

	acquire(&swap_lock);
	s = slot_at(slot);
	put_slot(s);
	alone = !s->count && s->page == pg && pg->refs == 2;
	release(&swap_lock);
	return alone;
}

bool
swap_own(struct page *pg)
{
	bool alone;

	acquire(&swap_lock);
	alone = swap_has(pg) && pg->refs == 2;
	if (alone)
		page_put(detach_page(slot_at(pg->index)));
	release(&swap_lock);
	return alone;
}

void
swap_forget(struct page *pg)
{
	acquire(&swap_lock);
	if (swap_has(pg))
		page_put(detach_page(slot_at(pg->index)));
	release(&swap_lock);
}

bool
swap_put_owned(struct page *pg)
{
	bool freed = pg->refs == 1;

	acquire(&swap_lock);
	page_put(pg);
	if (swap_has(pg))
		freed = free_unshown(slot_at(pg->index));
	release(&swap_lock);
	return freed;
}

uint
swap_shrink(uint keep)
{
	uint freed = 0;

	acquire(&swap_lock);
	while (nahead > keep) {
		struct page *pg = list_first(&ahead, struct page, link);

		leave_ahead(pg);
		freed += free_unshown(slot_at(pg->index));
	}
	release(&swap_lock);
	return freed;
}

// ---- The disk --------------------------------------------------------------

// Moves n pages between their frames and the slots from `first` on, whose
// blocks follow each other. 0 or -EIO.
static int
slots_io(enum blk_op op, uint first, struct page *const *pg, uint n)
{
	struct blk_req r = {
		.op = op, .block = slot_at(first)->block, .count = n};

	for (uint i = 0; i < n; i++)
		r.page[i] = page_va(pg[i]);
	blk_submit(disk, &r);
	return blk_wait(&r);
}

// How many of n slots from `first` on are fit and have blocks that follow.
static uint
slot_run(uint first, uint n, bool (*fit)(const struct slot *s))
{
	uint i = 0;

	while (i < n && first + i < nslots && fit(slot_at(first + i)) &&
	       slot_at(first + i)->block == slot_at(first)->block + i)
		i++;
	return i;
}

// ---- Writing ---------------------------------------------------------------

// Finds free slots that follow each other, up to n, from where the last search
// ended. Pages that leave together so lie together, are written at once, and
// are read ahead. Returns how many. Holds swap_lock.
static uint
find_free(uint n, uint *first)
{
	uint run = 0;

	for (uint left = nfree ? nslots : 0; left && !run; left--) {
		*first = next_search;
		run = slot_run(next_search, n, slot_free);
		next_search = (next_search + max_uint(run, 1)) % nslots;
	}
	return run;
}

// The disk refused the write: these slots are lost.
static void
lose_slots(uint first, uint n)
{
	acquire(&swap_lock);
	for (uint i = first; i < first + n; i++, nbad++) {
		slot_at(i)->bad = true;
		page_put(detach_page(slot_at(i)));
	}
	release(&swap_lock);
}

uint
swap_write(struct page *const *pg, uint n)
{
	uint first = 0;

	acquire(&swap_lock);
	n = find_free(n, &first);
	for (uint i = 0; i < n; i++) {
		page_get(pg[i]);
		attach_page(first + i, pg[i]);
	}
	release(&swap_lock);
	if (n && slots_io(BLK_WRITE, first, pg, n))
		lose_slots(first, n);
	else
		__atomic_fetch_add(&nout, n, __ATOMIC_RELAXED);
	return n;
}

// ---- Reading ---------------------------------------------------------------

static bool
slot_unread(const struct slot *s)
{
	return s->count && !s->page && !s->busy;
}

// Gives new frames to the slots from `first` on, busy, and keeps a reference to
// the first frame for the caller. Returns how many. Holds swap_lock.
static uint
begin_read(uint first, struct page **pg)
{
	uint n = slot_run(first, AHEAD, slot_unread), i;

	for (i = 0; i < n; i++) {
		void *va = i && kalloc_free() < AHEAD_FREE ? NULL : kalloc();

		if (!va)
			break;
		pg[i] = page_of(va);
		attach_page(first + i, pg[i]);
		slot_at(first + i)->busy = true;
	}
	if (i)
		page_get(pg[0]);
	return i;
}

// The first `good` frames have their bytes. A slot may have become free in the
// meantime.
static void
end_read(uint first, struct page **pg, uint n, uint good)
{
	acquire(&swap_lock);
	for (uint i = 0; i < n; i++) {
		struct slot *s = slot_at(first + i);

		s->busy = false;
		if (i >= good || !s->count) {
			page_put(detach_page(s));
		} else if (i) {
			list_append(&ahead, &pg[i]->link);
			nahead++;
		}
	}
	nin += good;
	wake_all(&read_wait);
	release(&swap_lock);
}

// Reads the slot, and as many after it as have got frames. If that fails, the
// first one alone: nobody has asked for the others.
static int
read_slots(uint first, struct page **pg, uint n)
{
	uint good = n;

	if (slots_io(BLK_READ, first, pg, n))
		good = n > 1 && !slots_io(BLK_READ, first, pg, 1);
	end_read(first, pg, n, good);
	if (good)
		return 0;
	page_put(pg[0]);
	return -EIO;
}

int
swap_read(uint slot, struct page **pg)
{
	struct page *run[AHEAD];
	struct slot *s;
	uint n = 0;
	int r = 0;

	acquire(&swap_lock);
	s = slot_at(slot);
	while (s->busy)
		wait_on(&read_wait, &swap_lock);
	*pg = s->page;
	if (*pg) {
		page_get(*pg);
		leave_ahead(*pg);
	} else if (s->count) {
		n = begin_read(slot, run);
	} else {
		r = 1;
	}
	release(&swap_lock);
	if (*pg || r)
		return r;
	*pg = run[0];
	return n ? read_slots(slot, run, n) : -ENOMEM;
}
