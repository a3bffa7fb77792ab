// Physical pages: which frames are free, and how many users each of them has.
#pragma once
#include "lib/assert.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mmu.h"
#include "memlayout.h"

// One for each frame of RAM. Free frames hang in a ring by `link`. While a
// frame is in use, all fields but refs belong to its owner (fs/cache).
struct page {
	struct list link;
	int refs;           // [a] references; 0: free (or never RAM)
	ushort flags, maps; // for the cache
	void *owner;        // the file or disk whose page it is, or NULL
	uint index;         // the page's number in it; 0 in a free page
	struct page *next;  // the cache's hash chain
	uint block;         // the cache's disk block, 0 for none
};

// Sets PHYSTOP from the memory map. From here on kalloc gives out frames behind
// the kernel, without references, as far as entrypgdir maps them. So kvmalloc
// can run before kinit has made the frame array. Panics below 16 MB of RAM.
void kinit_early(void);
// After kvmalloc: all RAM becomes free except the kernel, its tables, the frame
// array and what lies below EXTMEM.
void kinit(void);

// A page with one reference, at its P2V address. Its contents are undefined.
// NULL if memory is out. Any context: never sleeps, never reclaims.
void *kalloc(void);
void *kalloc_zero(void); // the same, zeroed
// Drops a reference; the last one frees the page.
void kfree(void *va);
void kfree_zero(void *va); // the same for a page that is all zeros

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

// Adds a reference.
static inline void
page_get(struct page *pg)
{
	int old = __atomic_fetch_add(&pg->refs, 1, __ATOMIC_RELAXED);

	assertf(old > 0, "page %x is free", page_pa(pg));
}

// Drops a reference. True if it was the last one: the caller frees the frame.
static inline bool
page_drop(struct page *pg)
{
	int left = __atomic_sub_fetch(&pg->refs, 1, __ATOMIC_ACQ_REL);

	assertf(left >= 0, "page %x freed twice", page_pa(pg));
	return left == 0;
}

// Drops a reference, as kfree does: the last one frees the frame.
void page_put(struct page *pg);
// Frees n frames without references, which hang in a ring by `link`.
void page_free_list(struct list *freed, uint n);

uint kalloc_total(void); // frames of RAM that kinit made free
uint kalloc_free(void);  // those that are free now
