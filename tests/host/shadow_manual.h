// What the manual permits a processor to do with the guest's page tables, for
// shadow_test.c: for each address, every translation that the tables have had
// since the address was invalidated (SDM vol. 3, 4.10).
#pragma once
#include "shadow_world.h"

#define VAS 64 // addresses that the guest uses

// ---- What the manual permits ------------------------------------------------

static struct guest_memory mem = {NULL, 0, GPAGES *PGSIZE};
static struct shadow_space space;
static uint32_t vas[VAS];

// A translation: what one walk of the guest's tables gives.
struct translation {
	bool mapped, memory, big;
	pte_t perm;
	uint32_t frame;
};
#define SEEN_MAX 64
static struct permitted {
	struct translation t[SEEN_MAX];
	int n;
	bool changed; // a table was written to since: A and D may be missing
} permitted[VAS];

// A second walk, written without a look at hv/guestwalk.c.
static struct translation
walk_now(uint32_t va)
{
	struct translation t = { .mapped = false };
	uint32_t pde, pte, cr3 = space.rules.cr3 & ~0xFFFu;

	if (!(space.rules.cr0 & CR0_PG))
		return (struct translation){ true, va < mem.size, false, 6,
					    va & ~0xFFFu};
	if (cr3 >= mem.size)
		return t;
	memcpy(&pde, bytes_at(cr3 + (va >> 22) * 4), 4);
	if (!(pde & 1))
		return (struct translation){ .memory = true };
	if (pde & 0x80) {
		t.frame = (pde & 0xFFC00000u) + (va & 0x3FF000u);
		t.mapped = !(pde & 0x1FE000);
		t.perm = pde & 6;
		t.big = true;
	} else {
		if ((pde & ~0xFFFu) >= mem.size)
			return t;
		memcpy(&pte, bytes_at((pde & ~0xFFFu) + (va >> 12 & 1023) * 4),
		       4);
		t.mapped = pte & 1;
		t.perm = pde & pte & 6;
		t.frame = pte & ~0xFFFu;
		if (!t.mapped)
			return (struct translation){ .memory = true };
	}
	t.memory = t.mapped && t.frame < mem.size;
	return t;
}

static bool
same(const struct translation *a, const struct translation *b)
{
	return a->mapped == b->mapped && a->memory == b->memory &&
	       a->perm == b->perm && a->frame == b->frame && a->big == b->big;
}

static void
note(int i)
{
	struct permitted *p = &permitted[i];
	struct translation t = walk_now(vas[i]);

	for (int k = 0; k < p->n; k++)
		if (same(&p->t[k], &t))
			return;
	if (p->n < SEEN_MAX)
		p->t[p->n++] = t;
}

static void
note_all(void)
{
	for (int i = 0; i < VAS; i++)
		note(i);
}

static void
forget(int i)
{
	permitted[i].n = 0;
	permitted[i].changed = false;
	note(i);
}

// invlpg: what was seen of this address, and of a 4 MB page around it, is
// forgotten.
static void
forget_page(uint32_t va)
{
	for (int k = 0; k < VAS; k++) {
		struct permitted *p = &permitted[k];
		int left = 0;

		if (vas[k] == va)
			forget(k);
		if (PDX(vas[k]) != PDX(va))
			continue;
		for (int i = 0; i < p->n; i++)
			if (!p->t[i].big)
				p->t[left++] = p->t[i];
		p->n = left;
		note(k);
	}
}

static void
forget_all(void)
{
	for (int i = 0; i < VAS; i++)
		forget(i);
}
