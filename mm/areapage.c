// From a page of an area to the bytes of the area's object, and back. The
// object's bytes begin at the address `data`, which need not be a page's start:
// a program's file is mapped as its linker laid it out. Host tests
// (tests/host/area_test.c) compare both directions byte by byte.
#include "mm/areapage.h"
#include "mmu.h"

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

// How far behind data the object's page `index` begins: at most filelen.
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
	const uint top = 0xFFFFFFFFu / PGSIZE; // the last page's number
	uint lo, hi;

	if (first > top || first > last)
		return false;
	lo = distance(a, first);
	hi = last >= top ? a->filelen : distance(a, last + 1);
	// The page that holds data begins with byte off, wherever data lies in
	// it. Every other page begins with the byte at its own start.
	*start = lo ? PGROUNDUP(a->data + lo) : PGROUNDDOWN(a->data);
	*end = hi ? PGROUNDUP(a->data + hi) : PGROUNDDOWN(a->data);
	if (*start < a->start)
		*start = a->start;
	if (*end > a->end)
		*end = a->end;
	return *start < *end;
}
