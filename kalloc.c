// Physical pages. Every frame of RAM has a struct page in the array `pages`.
// Free frames hang in one ring, guarded by one lock. The references of a frame
// count its users: tables that map it, the file cache, the kernel itself.
//
//	pa 0      1 MB     end    frame array           PHYSTOP
//	|  low    | kernel |tables| pages[] |  given out by kalloc  |
//	                    ^ kinit_early's part: kvmalloc's tables
//
// Invariant: refs == 0 for frames in the ring and for those that are not RAM.
#include "kalloc.h"
#include "kern/lock.h"
#include "kern/panic.h"
#include "kern/slab.h"
#include "lib/string.h"
#include "x86/e820.h"

extern char end[]; // kernel.ld: first address behind the kernel

#define POISON 0xA5
#define RAM_NEEDED (16u << 20)

paddr_t phystop;
static paddr_t early_next; // the next frame before kinit
struct page *pages;
static struct spinlock kalloc_lock = SPINLOCK("kalloc", RANK_KALLOC);
static struct list free_pages = LIST_INIT(free_pages);
static uint frames_free, frames_total;

static void *kalloc_early(void);
#ifdef DEBUG // freed pages are filled, and tests can let kalloc fail
#define poison(va) memset(va, POISON, PGSIZE)
static void check_poison(const uchar *va);
static bool must_fail(void);
#else
#define poison(va)	 ((void)0)
#define check_poison(va) ((void)0)
#define must_fail()	 false
#endif

void *
kalloc(void)
{
	struct page *pg;
	struct list *l;

	if (!pages)
		return kalloc_early();
	acquire(&kalloc_lock);
	l = must_fail() ? NULL : list_pop(&free_pages);
	if (l)
		frames_free--;
	release(&kalloc_lock);
	if (!l)
		return NULL;
	pg = list_entry(l, struct page, link);
	pg->refs = 1;
	check_poison(page_va(pg));
	return page_va(pg);
}

void *
kalloc_zero(void)
{
	void *va = kalloc();

	return va ? memset(va, 0, PGSIZE) : NULL;
}

void
kfree(void *va)
{
	page_put(page_of(va));
}

void
page_put(struct page *pg)
{
	int left = __atomic_sub_fetch(&pg->refs, 1, __ATOMIC_ACQ_REL);

	assertf(left >= 0, "page %x freed twice", page_pa(pg));
	if (left > 0)
		return;
	poison(page_va(pg));
	acquire(&kalloc_lock);
	list_push(&free_pages, &pg->link);
	frames_free++;
	release(&kalloc_lock);
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
		poison(P2V(pa));
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

// ---- DEBUG=1 ---------------------------------------------------------------

#ifdef DEBUG
static void
check_poison(const uchar *va)
{
	for (uint i = 0; i < PGSIZE; i++)
		assertf(va[i] == POISON, "page %p was written while free", va);
}

static uint fail_at; // 0: never; else the n-th call from now and all later ones

void
kalloc_fail_at(uint n)
{
	fail_at = n;
}

static bool
must_fail(void)
{
	return fail_at && (fail_at == 1 || --fail_at == 0);
}
#endif
