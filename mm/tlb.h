// Making CPUs forget translations. Protocol: change entries under the
// page-table lock, release it, flush here, and only then free the frames.
//
// Only changes that take something away need a flush. If an entry was absent or
// allowed less, a CPU that still has the old one faults, and the fault makes it
// forget that entry and look again (SDM vol. 3, 4.10.4.1).
#pragma once
#include "mm/space.h"

// Pages collected to be let go after the flush.
#define TLB_BATCH 64

struct tlb_batch {
	struct mm *mm;          // whose entries are being changed, or NULL
	uint cpus;              // bit n: cpus[n] ran an earlier space
	uint count;             // pages collected
	bool all;               // flush everything, not single pages
	vaddr_t va[TLB_BATCH];
	struct page *page[TLB_BATCH]; // or NULL: nothing to free
};

void tlb_init(void); // registers IPI_TLB
void tlb_begin(struct tlb_batch *b, struct mm *mm);
// Is the batch full? Then release the lock and call tlb_flush before tlb_add.
static inline bool
tlb_full(const struct tlb_batch *b)
{
	return b->count == TLB_BATCH;
}
// Remembers that va's entry was changed, and pg to put. The batch is not full.
void tlb_add(struct tlb_batch *b, vaddr_t va, struct page *pg);
// The batch goes on with the entries of mm: one batch can hold entries of many
// spaces (mm/hooks.c). b->mm is still alive. Call with mm NULL before the last
// space may vanish.
void tlb_next(struct tlb_batch *b, struct mm *mm);
// All CPUs on mm forget; then the pages are put, and the batch is empty. No
// spinlock held, interrupts on.
void tlb_flush(struct tlb_batch *b);
