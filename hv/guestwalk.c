// The guest's two-level walk, by the manual. It touches the guest's memory by
// guest_read and guest_write only, so that tests on the host walk arrays.
#include "hv/guestwalk.h"
#include "abi/errno.h"

#define BIG_OFFSET (PDXSIZE - 1)
// Bits 13 to 20 of a 4 MB entry are bits 32 to 39 of the frame (PSE-36), or
// reserved: a machine with 32 address bits has none.
#define BIG_HIGH 0x001FE000u

// Does the entry allow the access? A supervisor's write needs W only if CR0.WP
// is set (SDM vol. 3, 4.6).
static bool
allows(const struct walk_rules *r, pte_t perm, uint access)
{
	if (access & PF_U)
		return perm & PTE_U && (!(access & PF_W) || perm & PTE_W);
	return !(access & PF_W) || perm & PTE_W || !(r->cr0 & CR0_WP);
}

static void
walk_nothing(uint32_t va, struct walk *w)
{
	w->mapped = w->allowed = true;
	w->perm = PTE_W | PTE_U;
	w->frame = PGROUNDDOWN(va);
}

static int
fetch_entry(const struct guest_memory *m, int level, uint32_t table, uint index,
	    struct walk *w)
{
	w->pa[level] = table + index * sizeof(pte_t);
	return guest_read(m, w->pa[level], &w->entry[level], sizeof(pte_t));
}

int
guest_walk(const struct walk_rules *r, const struct guest_memory *m,
	   uint32_t va, uint access, struct walk *w)
{
	int err;

	*w = (struct walk){ .mapped = false };
	if (!(r->cr0 & CR0_PG)) {
		walk_nothing(va, w);
		return 0;
	}
	err = fetch_entry(m, 0, PTE_ADDR(r->cr3), PDX(va), w);
	if (err || !(w->entry[0] & PTE_P))
		return err;
	w->big = w->entry[0] & PTE_PS && r->cr4 & CR4_PSE;
	if (w->big)
		w->entry[1] = w->entry[0];
	else
		err = fetch_entry(m, 1, PTE_ADDR(w->entry[0]), PTX(va), w);
	if (err || !(w->entry[1] & PTE_P))
		return err;
	w->mapped = true;
	w->perm = w->entry[0] & w->entry[1] & (PTE_W | PTE_U);
	w->allowed = allows(r, w->perm, access);
	w->frame = PTE_ADDR(w->entry[1]);
	if (w->big)
		w->frame = (w->entry[0] & ~(BIG_OFFSET)) |
			   (va & BIG_OFFSET & ~(PGSIZE - 1u));
	return w->big && w->entry[0] & BIG_HIGH ? -ENXIO : 0;
}

static int
set_bits(const struct guest_memory *m, int level, pte_t bits, struct walk *w)
{
	if ((w->entry[level] & bits) == bits)
		return 0;
	w->entry[level] |= bits;
	return guest_write(m, w->pa[level], &w->entry[level], sizeof(pte_t));
}

int
guest_walk_used(const struct guest_memory *m, uint access, struct walk *w)
{
	pte_t leaf = PTE_A | (access & PF_W ? PTE_D : 0);
	int err;

	if (!w->entry[0])
		return 0; // no paging
	if (w->big) {
		err = set_bits(m, 0, leaf, w);
		w->entry[1] = w->entry[0];
		return err;
	}
	err = set_bits(m, 0, PTE_A, w);
	return err ? err : set_bits(m, 1, leaf, w);
}
