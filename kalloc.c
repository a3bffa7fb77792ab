// Physical pages. Every frame of RAM has a struct page in the array `pages`;
// free ones hang in one ring, guarded by one lock. A frame's references count
// who uses it: tables that map it, the file cache, the kernel itself.
//
//	pa 0      1 MB     end    frame array           PHYSTOP
//	|  low    | kernel |tables| pages[] |  given out by kalloc  |
//	                    ^ kinit_early's part: kvmalloc's tables
//
// Invariant: refs == 0 exactly for frames in the ring and those that are no
// RAM.
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
static paddr_t early; // kinit_early's next frame
struct page *pages;
static struct spinlock lock = SPINLOCK("kalloc", RANK_KALLOC);
static struct list free_pages = LIST_INIT(free_pages);
static uint nfree, ntotal;

// ---- Before kvmalloc -------------------------------------------------------

void
kinit_early(void)
{
	paddr_t top = nram > 0 ? ram[nram - 1].end : 0;

	if (top < RAM_NEEDED)
		panic("%u MB of RAM found, 16 MB needed", top >> 20);
	top = min_uint(top, RAM_MAX);
	phystop = (top + PDXSIZE - 1) & ~(PDXSIZE - 1);
	early = V2P(PGROUNDUP((vaddr_t)end));
}

// Frames behind the kernel, as far as entrypgdir maps them.
static void *
kalloc_early(void)
{
	void *va = P2V(early);

	if (early >= ENTRYTOP)
		return NULL;
	early += PGSIZE;
	return va;
}

// ---- DEBUG=1: freed pages are filled, and tests can let kalloc fail --------

#ifdef DEBUG
#define poison(va) memset(va, POISON, PGSIZE)

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
	return fail_at != 0 && (fail_at == 1 || --fail_at == 0);
}
#else
#define poison(va)	 ((void)0)
#define check_poison(va) ((void)0)
#define must_fail()	 false
#endif

// ---- The frame array -------------------------------------------------------

// The first run of RAM behind `early` that holds size bytes.
static paddr_t
find_room(uint size)
{
	for (int i = 0; i < nram; i++) {
		paddr_t start = max_uint(ram[i].start, early);
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
		nfree++;
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
		paddr_t start = max_uint(ram[i].start, early);
		paddr_t stop = min_uint(ram[i].end, phystop);

		if (array >= start && array < stop) {
			free_range(start, array);
			start = array + size;
		}
		free_range(start, stop);
	}
	ntotal = nfree;
	slab_pages(kalloc, kfree);
}

// ---- Pages -----------------------------------------------------------------

void *
kalloc(void)
{
	struct page *pg;
	struct list *l;

	if (pages == NULL)
		return kalloc_early();
	acquire(&lock);
	l = must_fail() ? NULL : list_pop(&free_pages);
	nfree -= l != NULL;
	release(&lock);
	if (l == NULL)
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

	return va != NULL ? memset(va, 0, PGSIZE) : NULL;
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
	acquire(&lock);
	list_push(&free_pages, &pg->link);
	nfree++;
	release(&lock);
}

uint
kalloc_total(void)
{
	return ntotal;
}

uint
kalloc_free(void)
{
	return nfree;
}
