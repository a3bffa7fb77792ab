// A processor that walks the shadow, for shadow_test.c: it keeps translations
// in a TLB until it is told to forget, and each access must be one that the
// manual permits (shadow_manual.h).
#pragma once
#include "check.h"
#include "shadow_manual.h"

// ---- The processor ----------------------------------------------------------

static struct {
	bool valid;
	pte_t entry;
} tlb[VAS];

static void
flush_if_told(void)
{
	if (space.fresh)
		memset(tlb, 0, sizeof(tlb));
	space.fresh = false;
}

// The walk of the shadow: what both levels allow, or 0.
static pte_t
shadow_walk(paddr_t root, uint32_t va)
{
	const pte_t *dir = P2V(root), *table;
	pte_t pde = dir[va >> 22];

	if (!(pde & PTE_P))
		return 0;
	table = P2V(PTE_ADDR(pde));
	return (table[va >> 12 & 1023] & ~6u) |
	       (table[va >> 12 & 1023] & pde & 6);
}

static bool
allows_access(pte_t e, uint err)
{
	if (!(e & PTE_P))
		return false;
	return (!(err & PF_W) || e & PTE_W) && (!(err & PF_U) || e & PTE_U);
}

// Is the fault, or the access (frame >= 0), one that the manual permits?
static bool
is_permitted(int i, uint err, bool fault, uint32_t frame)
{
	for (int k = 0; k < permitted[i].n; k++) {
		const struct translation *t = &permitted[i].t[k];
		bool ok = t->mapped && (!(err & PF_U) || t->perm & 4) &&
			  (!(err & PF_W) || t->perm & 2 ||
			   (!(err & PF_U) && !(space.rules.cr0 & CR0_WP)));

		if (fault ? !ok : ok && t->memory && t->frame == frame)
			return true;
	}
	return false;
}

// Is there a translation to check that leads out of the guest's memory?
static bool
leads_nowhere(int i)
{
	for (int k = 0; k < permitted[i].n; k++)
		if (!permitted[i].t[k].memory)
			return true;
	return false;
}

// Which page of the guest has this frame of the host? -1: none.
static int
guest_page(paddr_t frame)
{
	for (int i = 0; i < GPAGES; i++)
		if (host[i].frame && host[i].frame == frame)
			return i;
	return -1;
}

static uint32_t
word_of(uint32_t pa)
{
	uint32_t w = 0;

	if (guest_has(&mem, pa, 4))
		memcpy(&w, bytes_at(pa), 4);
	return w;
}

static void
check_bits(int i, uint err)
{
	uint32_t va = vas[i], pde, leaf;

	if (permitted[i].changed || !(space.rules.cr0 & CR0_PG))
		return;
	pde = leaf = word_of(PTE_ADDR(space.rules.cr3) + (va >> 22) * 4);
	if (!(pde & PTE_PS))
		leaf = word_of(PTE_ADDR(pde) + PTX(va) * 4);
	CHECK(pde & PTE_A && leaf & PTE_A);
	CHECK(!(err & PF_W) || leaf & PTE_D);
}

enum end { DONE, FAULTED, NOWHERE, NO_MORE, STUCK };

// One access of the guest. On DONE *frame is the host's.
static enum end
access(int i, uint err, paddr_t *frame)
{
	for (int tries = 0; tries < 12; tries++) {
		paddr_t root;
		uint32_t out = 0;
		int r;

		shadow_catch_up(&space);
		r = shadow_root(&space, &root);
		if (r)
			return r == -ENOMEM ? NO_MORE : NOWHERE;
		flush_if_told();
		if (!tlb[i].valid || !allows_access(tlb[i].entry, err)) {
			tlb[i].entry = shadow_walk(root, vas[i]);
			tlb[i].valid = tlb[i].entry & PTE_P;
		}
		*frame = PTE_ADDR(tlb[i].entry);
		if (tlb[i].valid && allows_access(tlb[i].entry, err))
			return DONE;
		tlb[i].valid = false; // a fault forgets it (4.10.4.1)
		r = shadow_fault(&space, vas[i], err, &out);
		if (r == SHADOW_INJECT)
			return FAULTED;
		if (r == SHADOW_NO_MEMORY)
			return NOWHERE;
		CHECK(r == SHADOW_FILL || (r == -ENOMEM && fail_in == 0));
	}
	return fail_in == 0 ? NO_MORE : STUCK;
}

// An access, with everything that must hold of it. Returns the guest's page
// that was reached, or -1.
static int
try(int i, uint err)
{
	paddr_t frame;
	enum end e = access(i, err, &frame);
	int page;

	CHECK(e != STUCK);
	if (e == FAULTED)
		CHECK(is_permitted(i, err, true, 0));
	if (e == NOWHERE)
		CHECK(leads_nowhere(i));
	if (e != DONE)
		return -1;
	page = guest_page(frame);
	CHECK(page >= 0);
	if (page < 0)
		return -1;
	CHECK(!(err & PF_W) || host[page].writable);
	CHECK(is_permitted(i, err, false, page * PGSIZE));
	check_bits(i, err);
	return page;
}
