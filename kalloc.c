// Physical pages. Every frame of RAM has a struct page in the array `pages`.
// Free frames hang in two rings, guarded by one lock: those that are known to
// be all zeros have a ring of their own, for kalloc_zero. The references of a
// frame count its users: tables that map it, the file cache, the kernel itself.
//
//	pa 0      1 MB     end    frame array           PHYSTOP
//	|  low    | kernel |tables| pages[] |  given out by kalloc  |
//	                    ^ kinit_early's part: kvmalloc's tables
//
// Invariant: refs == 0 for frames in the ring and for those that are not RAM.
#include "kalloc.h"
#include "kern/lock.h"
#include "kern/pagecheck.h"
#include "kern/panic.h"
#include "kern/slab.h"
#include "lib/string.h"
#include "x86/e820.h"

extern char end[]; // kernel.ld: first address behind the kernel

#define RAM_NEEDED (16u << 20)

paddr_t phystop;
static paddr_t early_next; // the next frame before kinit
struct page *pages;
static struct spinlock kalloc_lock = SPINLOCK("kalloc", RANK_KALLOC);
static struct list free_pages = LIST_INIT(free_pages);
static struct list zero_pages = LIST_INIT(zero_pages); // free, and all zeros
static uint frames_free, frames_total;

static void *kalloc_early(void);

// The first page of a ring, with a reference, or NULL.
static void *
take_page(struct list *ring)
{
	struct list *l;

	acquire(&kalloc_lock);
	l = pagecheck_fail() ? NULL : list_pop(ring);
	frames_free -= l ? 1 : 0;
	release(&kalloc_lock);
	if (!l)
		return NULL;
	list_entry(l, struct page, link)->refs = 1;
	return page_va(list_entry(l, struct page, link));
}

void *
kalloc(void)
{
	void *va;

	if (!pages)
		return kalloc_early();
	va = take_page(&free_pages);
	return va ? pagecheck_new(va) : take_page(&zero_pages);
}

void *
kalloc_zero(void)
{
	void *va = list_empty(&zero_pages) ? NULL : take_page(&zero_pages);

	if (va)
		return pagecheck_zero(va);
	va = kalloc();
	return va ? memset(va, 0, PGSIZE) : NULL;
}

// Gives a frame without references to a ring.
static void
give(struct page *pg, struct list *ring)
{
	acquire(&kalloc_lock);
	list_push(ring, &pg->link);
	frames_free++;
	release(&kalloc_lock);
}

void
page_put(struct page *pg)
{
	if (!page_drop(pg))
		return;
	pagecheck_free(page_va(pg));
	give(pg, &free_pages);
}

void
page_free_list(struct list *freed, uint n)
{
	acquire(&kalloc_lock);
	list_splice(&free_pages, freed);
	frames_free += n;
	release(&kalloc_lock);
}

void
kfree(void *va)
{
	page_put(page_of(va));
}

void
kfree_zero(void *va)
{
	pagecheck_zero(va);
	if (page_drop(page_of(va)))
		give(page_of(va), &zero_pages);
}

uint
kalloc_total(void)
{
	return frames_total;
}

uint
kalloc_free(void)
{
	return frames_free;
}

// ---- Before kvmalloc -------------------------------------------------------

void
kinit_early(void)
{
	paddr_t top = nram > 0 ? ram[nram - 1].end : 0;

	if (top < RAM_NEEDED)
		panic("%u MB of RAM found, 16 MB needed", top >> 20);
	top = min_uint(top, RAM_MAX);
	phystop = (top + PDXSIZE - 1) & ~(PDXSIZE - 1);
	early_next = V2P(PGROUNDUP((vaddr_t)end));
}

// Frames behind the kernel, as far as entrypgdir maps them.
static void *
kalloc_early(void)
{
	void *va = P2V(early_next);

	if (early_next >= ENTRYTOP)
		return NULL;
	early_next += PGSIZE;
	return va;
}

// ---- The frame array -------------------------------------------------------

// The first run of RAM behind `early_next` that holds size bytes.
static paddr_t
find_room(uint size)
{
	for (int i = 0; i < nram; i++) {
		paddr_t start = max_uint(ram[i].start, early_next);
		paddr_t stop = min_uint(ram[i].end, phystop);

		if (start < stop && stop - start >= size)
			return start;
	}
	panic("no room for the frame array (%u KB)", size >> 10);
}

// Gives the frames of [start, stop) to the ring.
static void
free_range(paddr_t start, paddr_t stop)
{
	for (paddr_t pa = start; pa < stop; pa += PGSIZE) {
		pagecheck_free(P2V(pa));
		list_append(&free_pages, &pages[pa / PGSIZE].link);
		frames_free++;
	}
}

void
kinit(void)
{
	uint size = PGROUNDUP(phystop / PGSIZE * sizeof(struct page));
	paddr_t array = find_room(size);

	memset(P2V(array), 0, size);
	pages = P2V(array);
	for (int i = 0; i < nram; i++) {
		paddr_t start = max_uint(ram[i].start, early_next);
		paddr_t stop = min_uint(ram[i].end, phystop);

		if (array >= start && array < stop) {
			free_range(start, array);
			start = array + size;
		}
		free_range(start, stop);
	}
	frames_total = frames_free;
	slab_pages(kalloc, kfree);
}
