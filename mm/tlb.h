// Making CPUs forget translations. Protocol: change entries under the page-table
// lock, release it, flush here, and only then free the frames.
#pragma once
#include "mm/mm.h"

// Pages collected to be let go after the flush.
#define TLB_BATCH 64
struct tlb_batch {
	struct mm *mm;
	uint count;             // pages collected
	bool all;               // flush everything, not single pages
	vaddr_t va[TLB_BATCH];
	struct page *page[TLB_BATCH]; // or NULL: nothing to free
};
void tlb_init(void); // registers IPI_TLB
void tlb_begin(struct tlb_batch *b, struct mm *mm);
// Remembers that va's entry was changed, and pg to put. True if the batch is
// full: release the lock and call tlb_flush before the next one.
bool tlb_add(struct tlb_batch *b, vaddr_t va, struct page *pg) __must_check;
// All CPUs on mm forget; then the pages are put. No spinlock held, interrupts on.
void tlb_flush(struct tlb_batch *b);
