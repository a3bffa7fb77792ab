// The walk that the guest's processor would do: through the guest's own page
// tables, in the guest's physical memory (SDM vol. 3, 4.3).
#pragma once
#include "hv/memory.h"
#include "mmu.h"

// The registers that rule a walk.
struct walk_rules {
	uint32_t cr0, cr3, cr4;
};

// What a walk found. Level 0 is the directory's entry, level 1 the table's.
struct walk {
	uint32_t pa[2];    // where the entries stand in the guest's memory
	pte_t entry[2];    // their values; [1] is [0] for a 4 MB page
	bool big;          // a 4 MB page: there is no level 1
	bool mapped;       // both are present
	bool allowed;      // and allow the access
	pte_t perm;        // PTE_W and PTE_U where both levels have them
	uint32_t frame;    // the guest-physical address of the page
};

// Walks for an access to va; access: its PF_W, PF_U. Without CR0.PG
// every address is its own frame, and all is allowed. 0, or an error of
// guest_read: then w->pa says which entry could not be read.
int guest_walk(const struct walk_rules *r, const struct guest_memory *m,
	       uint32_t va, uint access, struct walk *w) __must_check;

// After a walk that was allowed: sets A, and for a write D, in the guest's
// entries, as its processor would (4.8). w->entry holds the new values. 0 or an
// error of guest_write.
int guest_walk_used(const struct guest_memory *m, uint access, struct walk *w)
	__must_check;

// The error code that the guest's processor would push for a walk that was not
// allowed (4.7).
static inline uint
guest_walk_error(const struct walk *w, uint access)
{
	return (access & (PF_W | PF_U)) | (w->mapped ? PF_P : 0);
}
