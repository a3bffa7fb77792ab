// Making CPUs forget translations. Protocol: change entries under the
// page-table lock, release it, flush here, and only then free the frames.
//
// Only changes that take something away need it: an entry that was absent or
// allowed less is in no TLB in a way that matters (a fault makes the CPU forget
// the entry that it faulted on and look again; SDM vol. 3, 4.10.4.1).
#pragma once
#include "mm/mm.h"

// Pages collected to be let go after the flush.
#define TLB_BATCH 64
struct tlb_batch {
	struct mm *mm;          // whose entries are being changed, or NULL
	uint cpus;              // bit n: cpus[n] ran an earlier mm of it
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
// The batch leaves b->mm, whose lock is still held, for mm: entries of many
// spaces in one batch (mm/hooks.c). Call with mm NULL before the last one may
// vanish.
void tlb_next(struct tlb_batch *b, struct mm *mm);
// All CPUs on mm forget; then the pages are put, and the batch is empty. No
// spinlock held, interrupts on.
void tlb_flush(struct tlb_batch *b);
