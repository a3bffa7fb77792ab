// What hv/ stands on, for shadow_test.c: the host's frames, its memory for one
// guest, some of it swapped or read-only, and the host that takes pages away.
#pragma once
#include "memlayout.h"
#undef P2V
#undef V2P
static unsigned char *arena;
#define P2V(pa) ((void *)(arena + (pa)))
#define V2P(va) ((paddr_t)((unsigned char *)(va) - arena))
#include "hv/count.c"
#include "hv/shadowtab.c"
#undef FRAMES_PER_PAGE
#include "hv/shadow.c"
#include "hv/shadow_case.c"
#include "hv/guestwalk.c"
#include "slabs.h"
#include <stdio.h>
#include <stdlib.h>

#define ARENA  4096 // frames of the host
#define GPAGES 48   // pages of the guest

// ---- What hv/ stands on -----------------------------------------------------

struct page *pages;
paddr_t phystop = ARENA * PGSIZE;
static bool used[ARENA];
static int frames, last_frame;
static int fail_in = -1; // kalloc fails after so many calls

void *
kalloc(void)
{
	if (fail_in == 0 || frames == ARENA - 1)
		return NULL;
	if (fail_in > 0)
		fail_in--;
	do
		last_frame = last_frame % (ARENA - 1) + 1;
	while (used[last_frame]);
	used[last_frame] = true;
	frames++;
	return P2V(last_frame * PGSIZE);
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
	used[V2P(va) / PGSIZE] = false;
	memset(va, 0xDB, PGSIZE);
	frames--;
}

void
assert_fail(const char *cond, const char *file, int line, const char *fmt, ...)
{
	printf("%s:%d: %s\n", file, line, cond);
	abort();
}

// ---- The host's memory for the guest ----------------------------------------

static struct host_page {
	uint32_t frame;       // physical address, 0: it is in swap
	bool writable;
	unsigned char swap[PGSIZE];
} host[GPAGES];
static struct tlb_shadow holder;
static bool unmapped;         // the monitor has unmapped its memory

struct tlb_shadow *
tlb_shadow_begin(const struct mm *mm)
{
	return &holder;
}

void
tlb_shadow_end(struct tlb_shadow *s)
{
}

bool
tlb_shadow_stale(struct tlb_shadow *s)
{
	bool was = s->stale;

	s->stale = false;
	return was;
}

int
guest_bring(const struct guest_memory *m, uint32_t pa, bool write)
{
	struct host_page *h = &host[pa / PGSIZE];
	void *va;

	if (unmapped)
		return -EFAULT;
	if (!h->frame) {
		va = kalloc();
		if (!va)
			return -ENOMEM;
		memcpy(va, h->swap, PGSIZE);
		h->frame = V2P(va);
		h->writable = rand() % 4;
	}
	h->writable |= write;
	return 0;
}

bool
guest_frame(const struct guest_memory *m, uint32_t pa, paddr_t *frame,
	    bool *write)
{
	const struct host_page *h = &host[pa / PGSIZE];

	*frame = h->frame;
	*write = *write && h->frame && h->writable;
	return h->frame;
}

// The guest's memory as it is, wherever it is.
static unsigned char *
bytes_at(uint32_t pa)
{
	struct host_page *h = &host[pa / PGSIZE];

	return (h->frame ? P2V(h->frame) : h->swap) + PGOFFSET(pa);
}

int
guest_read(const struct guest_memory *m, uint32_t pa, void *dst, uint n)
{
	if (!guest_has(m, pa, n))
		return -ENXIO;
	memcpy(dst, bytes_at(pa), n);
	return 0;
}

int
guest_write(const struct guest_memory *m, uint32_t pa, const void *src, uint n)
{
	if (!guest_has(m, pa, n))
		return -ENXIO;
	memcpy(bytes_at(pa), src, n);
	return 0;
}

// The host takes a page, or its W, as swap and fork do.
static void
host_takes(struct host_page *h)
{
	if (!h->frame)
		return;
	holder.stale = true;
	if (rand() % 2) {
		h->writable = false;
		return;
	}
	memcpy(h->swap, P2V(h->frame), PGSIZE);
	kfree(P2V(h->frame));
	h->frame = 0;
}
