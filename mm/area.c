// Areas as lists: find, insert, split, merge, cut. No page table, no lock of an
// address space: who calls holds mm->lock, or is the only one who knows the mm.
// Host tests (tests/host/area_test.c) run all of it.
//
// The one rule about order is for mm/hooks.c, which reads start and end of an
// area in a file's list while we change them: at every moment each page of a
// space must be inside a listed area that covers it. So a new half is listed
// before the old one shrinks, and an area grows before the one that it swallows
// leaves the list. (The worst that an observer meets is a page covered twice.)
#include "mm/area.h"
#include "abi/errno.h"
#include "fs/inode.h"
#include "kern/slab.h"
#include "lib/assert.h"
#include "mm/mm.h"
#include "mm/shm.h"

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

static void
enlist(struct area *a)
{
	if (!a->ip)
		return;
	acquire(&a->ip->area_lock);
	list_push(&a->ip->areas, &a->object_link);
	release(&a->ip->area_lock);
}

void
area_insert(struct list *areas, struct area *a)
{
	struct area *above = area_above(areas, a->start);

	assertf(!above || a->end <= above->start, "area at %x overlaps %x",
		(uint)a->start, (uint)above->start);
	list_append(above ? &above->link : areas, &a->link);
	enlist(a);
}

void
area_remove(struct area *a)
{
	list_remove(&a->link);
	if (!a->ip)
		return;
	acquire(&a->ip->area_lock);
	list_remove(&a->object_link);
	release(&a->ip->area_lock);
}

struct area *
area_above(const struct list *areas, vaddr_t va)
{
	list_for_each (a, areas, struct area, link)
		if (a->end > va)
			return a;
	return NULL;
}

struct area *
area_find(const struct list *areas, vaddr_t va)
{
	struct area *a = area_above(areas, va);

	return a && a->start <= va ? a : NULL;
}

bool
area_overlaps(const struct list *areas, vaddr_t start, vaddr_t end)
{
	struct area *a = area_above(areas, start);

	return a && a->start < end;
}

bool
area_covers(const struct list *areas, vaddr_t start, vaddr_t end)
{
	list_for_each (a, areas, struct area, link) {
		if (a->end <= start)
			continue;
		if (a->start > start)
			return false;
		start = a->end;
		if (start >= end)
			return true;
	}
	return start >= end;
}

vaddr_t
area_find_free(const struct list *areas, vaddr_t from, vaddr_t to, uint len)
{
	list_for_each (a, areas, struct area, link) {
		if (a->end <= from)
			continue;
		if (a->start >= to ||
		    (a->start > from && a->start - from >= len))
			break;
		from = a->end;
	}
	return from < to && to - from >= len ? from : 0;
}

// ---- Split, merge, cut -----------------------------------------------------

int
area_split(struct list *areas, vaddr_t va)
{
	struct area *a = area_find(areas, va), *b;

	if (!a || a->start == va)
		return 0;
	b = area_clone(a, a->mm);
	if (!b)
		return -ENOMEM;
	b->start = va;
	list_push(&a->link, &b->link);
	enlist(b); // from here on two areas cover the upper half ...
	a->end = va; // ... and now one
	return 0;
}

// Could a and b, its next, be one?
static bool
alike(const struct area *a, const struct area *b)
{
	if (a->end != b->start || a->flags != b->flags || a->ip != b->ip ||
	    a->shm != b->shm)
		return false;
	return (!a->ip && !a->shm) || (a->data == b->data && a->off == b->off &&
				       a->filelen == b->filelen);
}

static void
merge_next(struct list *areas, struct area *a)
{
	struct area *b = list_first(&a->link, struct area, link);

	if (&b->link == areas || !alike(a, b))
		return;
	a->end = b->end;
	area_remove(b);
	area_free(b);
}

void
area_merge(struct list *areas, struct area *a)
{
	merge_next(areas, a);
	if (a->link.prev != areas)
		merge_next(areas, list_entry(a->link.prev, struct area, link));
}

int
area_prepare_cut(struct list *areas, vaddr_t start, vaddr_t end)
{
	struct area *a = area_find(areas, start);

	if (!a || a->start == start || a->end <= end)
		return 0;
	return area_split(areas, end);
}

// Takes [start, end) from a, which does not reach beyond both ends. Returns how
// many bytes it had there.
static uint
trim(struct area *a, vaddr_t start, vaddr_t end)
{
	uint had = a->end - a->start;

	assert(a->start >= start || a->end <= end);
	if (a->start < start) {
		a->end = start;
	} else if (a->end > end) {
		a->start = end;
	} else {
		area_remove(a);
		area_free(a);
		return had;
	}
	return had - (a->end - a->start);
}

uint
area_cut(struct list *areas, vaddr_t start, vaddr_t end)
{
	uint bytes = 0;

	list_for_each_safe (a, n, areas, struct area, link)
		if (a->start < end && a->end > start)
			bytes += trim(a, start, end);
	return bytes;
}

// ---- One page --------------------------------------------------------------

struct area_page
area_page(const struct area *a, vaddr_t va)
{
	vaddr_t from = va > a->data ? va : a->data;
	vaddr_t to = a->data + a->filelen;
	struct area_page p = { .kind = PAGE_ANON };

	if (to > va + PGSIZE)
		to = va + PGSIZE;
	if ((!a->ip && !a->shm) || from >= to)
		return p;
	p.skip = from - va;
	p.off = a->off + (from - a->data);
	p.len = to - from;
	p.kind = p.len == PGSIZE && PGOFFSET(p.off) == 0 ? PAGE_OBJECT
							 : PAGE_FILLED;
	return p;
}

// How far from data the object's page `index` begins: at most filelen.
static uint
distance(const struct area *a, uint index)
{
	uint byte = index * PGSIZE;

	return byte <= a->off ? 0 : min_uint(byte - a->off, a->filelen);
}

bool
area_pages_of(const struct area *a, uint first, uint last, vaddr_t *start,
	      vaddr_t *end)
{
	const uint top =
		0xFFFFFFFFu / PGSIZE; // the last page that an uint numbers
	uint lo, hi;

	if (first > top || first > last)
		return false;
	lo = distance(a, first);
	hi = last >= top ? a->filelen : distance(a, last + 1);
	// The page with data in it begins with byte off wherever in it data is;
	// any other begins with the byte at its own start.
	*start = lo ? PGROUNDUP(a->data + lo) : PGROUNDDOWN(a->data);
	*end = hi ? PGROUNDUP(a->data + hi) : PGROUNDDOWN(a->data);
	if (*start < a->start)
		*start = a->start;
	if (*end > a->end)
		*end = a->end;
	return *start < *end;
}
