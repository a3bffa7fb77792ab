// Physical pages: who has which frame, and how many references.
#pragma once
#include "lib/assert.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mmu.h"
#include "memlayout.h"

// One for each frame of RAM. Free frames hang in one list by `link`; a frame in
// use lends link, owner, index, next and flags to the one who has it
// (fs/cache).
struct page {
	struct list link;
	int refs;           // [a] references; 0: free (or never RAM)
	ushort flags;       // the owner's
	ushort maps;        // the owner's
	void *owner;        // whose page it is in the cache, else NULL
	uint index;         // its place there, in pages
	struct page *next;  // the cache's hash chain
	uint block;         // the cache's disk block, 0 for none
};

// Before it: entrypgdir's 4 MB. kalloc serves from the end of the kernel on,
// without references, until kinit has made the frame array; so kvmalloc can
// run. Sets PHYSTOP from the memory map. Panics if there are less than 16 MB.
void kinit_early(void);
// Needs kvmalloc. All RAM that is not the kernel, a table, the array or below
// EXTMEM becomes free.
void kinit(void);

// A page with one reference; contents undefined (DEBUG=1: poisoned). NULL if
// memory is out. Any context; never sleeps, never reclaims.
void *kalloc(void);
// The same, zeroed.
void *kalloc_zero(void);
// Drops a reference; the last one frees. va is the page's address (P2V).
void kfree(void *va);

extern struct page *pages; // [I] the frame array, by frame number

// The frame at a physical address that is RAM, and back.
static inline struct page *
page_of_pa(paddr_t pa)
{
	assertf(pa < PHYSTOP, "%x is no RAM", pa);
	return &pages[pa / PGSIZE];
}

static inline paddr_t
page_pa(const struct page *pg)
{
	return (paddr_t)(pg - pages) * PGSIZE;
}

// The same for the kernel's address of a frame.
static inline struct page *
page_of(const void *va)
{
	return page_of_pa(V2P(va));
}

static inline void *
page_va(const struct page *pg)
{
	return P2V(page_pa(pg));
}

// Takes another reference / drops one (kfree's other name).
static inline void
page_get(struct page *pg)
{
	int old = __atomic_fetch_add(&pg->refs, 1, __ATOMIC_RELAXED);

	assertf(old > 0, "page %x is free", page_pa(pg));
}

void page_put(struct page *pg);

// Frames in all and free, now.
uint kalloc_total(void);
uint kalloc_free(void);

// For tests: the n-th kalloc from now (1 is the next) and all after it fail,
// until n = 0 switches that off. Only in kernels built with DEBUG=1 or unit
// tests.
void kalloc_fail_at(uint n);
