// Areas as lists: find, insert, split, merge, cut. No page table and no lock of
// an address space: the caller holds mm->lock, or nobody else knows the mm.
// Host tests (tests/host/area_test.c) run all of it.
//
// mm/hooks.c walks an object's list, and reads start and end of its areas,
// while we change them. Two rules make this safe. Every page of a space lies in
// a listed area at every moment: a split lists the new half before the old one
// shrinks, and a merge lets one area grow before the other leaves the list. And
// a walker that has passed an area must not miss a page of it: so a new half
// stands behind the old one, and a merged area goes to the list's end. (A
// walker may meet a page twice, which does no harm.)
#include "mm/area.h"
#include "abi/errno.h"
#include "fs/inode.h"
#include "kern/slab.h"
#include "lib/assert.h"
#include "mmu.h"

#define STACK_GAP (16 * PGSIZE) // free below a stack that grows: its guard

static struct slab area_slab;

void
area_init(void)
{
	slab_init(&area_slab, "area", sizeof(struct area));
}

// ---- Life ------------------------------------------------------------------

struct area *
area_new(struct mm *mm, vaddr_t start, vaddr_t end, int flags)
{
	struct area *a = slab_alloc(&area_slab);

	assert(start < end && PGOFFSET(start) == 0 && PGOFFSET(end) == 0);
	if (!a)
		return NULL;
	list_init(&a->link);
	list_init(&a->object_link);
	list_init(&a->user.link);
	a->mm = mm;
	a->start = start;
	a->end = end;
	a->flags = flags;
	return a;
}

// Can stores to a reach its file, now or after an mprotect?
static bool
can_write_file(const struct area *a)
{
	return a->flags & AREA_SHARED && !(a->flags & AREA_NO_WRITE);
}

// Takes a reference to the file, and counts a as a writer of it if it is one:
// the map outlives the open file that it was made from.
static void
get_file(struct area *a, struct inode *ip)
{
	int err = can_write_file(a) ? inode_get_write(ip) : 0;

	assert(!err); // whoever maps or copies it is a writer already
	a->ip = inode_get(ip);
}

struct area *
area_clone(const struct area *a, struct mm *mm)
{
	struct area *b = area_new(mm, a->start, a->end, a->flags);

	if (!b)
		return NULL;
	b->data = a->data;
	b->off = a->off;
	b->filelen = a->filelen;
	b->shm = a->shm ? shm_get(a->shm) : NULL;
	if (a->ip)
		get_file(b, a->ip);
	return b;
}

void
area_set_file(struct area *a, struct inode *ip, vaddr_t data, uint off,
	      uint filelen)
{
	assert(!a->ip && !a->shm && data >= a->start);
	assert(filelen <= a->end - data);
	get_file(a, ip);
	a->data = data;
	a->off = off;
	a->filelen = filelen;
}

void
area_free(struct area *a)
{
	assert(list_empty(&a->link) && list_empty(&a->object_link));
	if (a->ip && can_write_file(a))
		inode_put_write(a->ip);
	if (a->ip)
		inode_put(a->ip);
	if (a->shm)
		shm_put(a->shm);
	slab_free(&area_slab, a);
}

// ---- Lists -----------------------------------------------------------------

void
area_list_init(struct area_list *areas)
{
	*areas = (struct area_list){ .last = NULL };
	list_init(&areas->list);
}

// Enters a in its object's list, behind `at`; NULL: at the beginning.
static void
enlist(struct area_list *areas, struct area *a, struct area *at)
{
	struct list *first;

	a->user.charge = &areas->charge;
	if (a->shm)
		shm_enlist(a->shm, &a->user);
	if (!a->ip)
		return;
	acquire(&a->ip->area_lock);
	first = &a->ip->areas;
	list_push(at ? &at->object_link : first, &a->object_link);
	release(&a->ip->area_lock);
}

static void
delist(struct area *a)
{
	if (a->shm)
		shm_delist(a->shm, &a->user);
	if (!a->ip)
		return;
	acquire(&a->ip->area_lock);
	list_remove(&a->object_link);
	release(&a->ip->area_lock);
}

// Counts bytes of a that come (or go, as a negative number).
static void
count_bytes(struct area_list *areas, const struct area *a, int bytes)
{
	areas->size += bytes;
	if (!a->ip)
		areas->promised += bytes;
}

void
area_insert(struct area_list *areas, struct area *a, struct area *original)
{
	struct area *above = area_above(areas, a->start);

	assertf(!above || a->end <= above->start, "area at %x overlaps %x",
		(uint)a->start, (uint)above->start);
	list_append(above ? &above->link : &areas->list, &a->link);
	areas->last = a;
	areas->count++;
	count_bytes(areas, a, a->end - a->start);
	enlist(areas, a, original);
}

static void
drop_hint(struct area_list *areas, const struct area *a)
{
	struct list *below = a->link.prev;

	if (areas->last == a)
		areas->last = below == &areas->list
				      ? NULL
				      : list_entry(below, struct area, link);
}

void
area_remove(struct area_list *areas, struct area *a)
{
	drop_hint(areas, a);
	list_remove(&a->link);
	areas->count--;
	count_bytes(areas, a, -(int)(a->end - a->start));
	delist(a);
}

// Programs ask for one address after the other. So the search begins where the
// last one ended, and goes down or up from there.
struct area *
area_above(struct area_list *areas, vaddr_t va)
{
	const struct list *head = &areas->list;
	struct area *last = areas->last;
	struct list *l = last ? &last->link : head->next;

	if (last && last->start <= va && va < last->end)
		return last;
	while (l->prev != head &&
	       list_entry(l->prev, struct area, link)->end > va)
		l = l->prev;
	while (l != head && list_entry(l, struct area, link)->end <= va)
		l = l->next;
	if (l == head)
		return NULL;
	return areas->last = list_entry(l, struct area, link);
}

struct area *
area_find(struct area_list *areas, vaddr_t va)
{
	struct area *a = area_above(areas, va);

	return a && a->start <= va ? a : NULL;
}

bool
area_overlaps(struct area_list *areas, vaddr_t start, vaddr_t end)
{
	struct area *a = area_above(areas, start);

	return a && a->start < end;
}

bool
area_covers(struct area_list *areas, vaddr_t start, vaddr_t end)
{
	area_for_range (a, areas, start, end) {
		if (a->start > start)
			return false;
		start = a->end;
	}
	return start >= end;
}

// A program that maps many small things fills the range from below. So what is
// known to be full is skipped.
vaddr_t
area_find_free(struct area_list *areas, vaddr_t from, vaddr_t to, uint len)
{
	if (areas->low != from)
		areas->low = areas->full = from;
	from = areas->full;
	area_for_range (a, areas, from, to) {
		if (a->start > from && a->start - from >= len)
			break;
		if (a->start <= areas->full)
			areas->full = a->end;
		from = a->end;
	}
	return from < to && to - from >= len ? from : 0;
}

// ---- Split, merge, cut -----------------------------------------------------

void
area_grow_down(struct area_list *areas, struct area *a, vaddr_t start)
{
	count_bytes(areas, a, a->start - start);
	a->start = start;
}

int
area_split(struct area_list *areas, vaddr_t va)
{
	struct area *a = area_find(areas, va), *b;

	if (!a || a->start == va)
		return 0;
	b = areas->count < AREA_MAX ? area_clone(a, a->mm) : NULL;
	if (!b)
		return -ENOMEM;
	b->start = va;
	list_push(&a->link, &b->link);
	areas->count++;
	enlist(areas, b, a); // from here on two areas cover the upper half ...
	a->end = va;  // ... and now one
	return 0;
}

// Could a and b, the next one, be one area?
static bool
areas_alike(const struct area *a, const struct area *b)
{
	if (a->end != b->start || a->flags != b->flags || a->ip != b->ip ||
	    a->shm != b->shm)
		return false;
	return (!a->ip && !a->shm) || (a->data == b->data && a->off == b->off &&
				       a->filelen == b->filelen);
}

// A walker may have passed a and not b: it must meet the pages of b in a.
static void
move_to_end(struct area *a)
{
	if (!a->ip)
		return;
	acquire(&a->ip->area_lock);
	list_remove(&a->object_link);
	list_append(&a->ip->areas, &a->object_link);
	release(&a->ip->area_lock);
}

static void
merge_next(struct area_list *areas, struct area *a)
{
	struct area *b = area_next(areas, a);

	if (!b || !areas_alike(a, b))
		return;
	a->end = b->end;
	move_to_end(a);
	areas->last = a;
	areas->count--;
	list_remove(&b->link);
	delist(b);
	area_free(b);
}

static void
merge_previous(struct area_list *areas, struct area *a)
{
	if (a->link.prev != &areas->list)
		merge_next(areas, list_entry(a->link.prev, struct area, link));
}

void
area_join(struct area_list *areas, vaddr_t va)
{
	struct area *a = area_find(areas, va);

	if (a && a->start == va)
		merge_previous(areas, a);
}

void
area_merge(struct area_list *areas, struct area *a)
{
	merge_next(areas, a);
	merge_previous(areas, a);
}

int
area_prepare_cut(struct area_list *areas, vaddr_t start, vaddr_t end)
{
	struct area *a = area_find(areas, start);

	if (!a || a->start == start || a->end <= end)
		return 0;
	return area_split(areas, end);
}

// Takes [start, end) from a, which does not reach beyond both ends.
static void
trim(struct area_list *areas, struct area *a, vaddr_t start, vaddr_t end)
{
	assert(a->start >= start || a->end <= end);
	if (a->start < start) {
		count_bytes(areas, a, -(int)(a->end - start));
		a->end = start;
	} else if (a->end > end) {
		count_bytes(areas, a, -(int)(end - a->start));
		a->start = end;
	} else {
		area_remove(areas, a);
		area_free(a);
	}
}

void
area_cut(struct area_list *areas, vaddr_t start, vaddr_t end)
{
	struct area *next;

	for (struct area *a = area_above(areas, start); a && a->start < end;
	     a = next) {
		next = area_next(areas, a);
		trim(areas, a, start, end);
	}
	if (start < areas->full && end > areas->low)
		areas->full = start > areas->low ? start : areas->low;
}

bool
area_stack_reaches(struct area_list *areas, vaddr_t va, vaddr_t lowest)
{
	struct area *stack = area_above(areas, va);
	vaddr_t below = 0; // end of the area below

	if (!stack || !(stack->flags & AREA_STACK))
		return false;
	if (stack->link.prev != &areas->list)
		below = list_entry(stack->link.prev, struct area, link)->end;
	return va >= lowest && va - below >= STACK_GAP;
}
