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
	struct mm *mm;          // whose CPUs are to forget, or NULL
	uint cpus;              // bit n: cpus[n] is to forget too
	uint count;             // pages collected
	bool all;               // flush everything, not single pages
	vaddr_t va[TLB_BATCH];
	struct page *page[TLB_BATCH]; // or NULL: nothing to free
};

struct vminfo;

// Fills in the flushes, and the interrupts sent for them.
void tlb_count(struct vminfo *v);

void tlb_init(void); // registers IPI_TLB
// mm: the CPUs that run it at the time of tlb_flush are to forget. NULL: those
// that tlb_table notes.
void tlb_begin(struct tlb_batch *b, struct mm *mm);
// Is the batch full? Then release the lock and call tlb_flush before tlb_add.
static inline bool
tlb_full(const struct tlb_batch *b)
{
	return b->count == TLB_BATCH;
}
// Remembers that va's entry was changed, and pg to put. The batch is not full.
void tlb_add(struct tlb_batch *b, vaddr_t va, struct page *pg);
// Notes the CPUs whose directories name the table that mm has for va, because
// entries of that table were changed. So one batch can hold entries of many
// spaces, which may vanish before the flush (mm/hooks.c). Holds that table's
// lock since before the change.
void tlb_table(struct tlb_batch *b, const struct mm *mm, vaddr_t va);
// All those CPUs forget; then the pages are put, and the batch is empty. No
// spinlock held, interrupts on.
void tlb_flush(struct tlb_batch *b);
// No thread has mm any more, and mm will be freed: takes it off the CPUs that
// still keep it loaded. No spinlock held, interrupts on.
void tlb_evict(const struct mm *mm);

// A hypervisor composes a space's translations with others, and keeps the
// result in page tables of its own (hv/shadow.h). Like a CPU, it has to be told
// when entries go: before the pages are freed, `stale` is set, and the CPUs
// that have the space loaded are interrupted, whatever they run.
#define TLB_SHADOWS 16
struct tlb_shadow {
	volatile uint32_t cr3; // of the space; 0: free
	volatile bool stale;
};
// One for mm, or NULL: all are in use. tlb_shadow_end gives it back, while mm
// still exists.
struct tlb_shadow *tlb_shadow_begin(const struct mm *mm);
void tlb_shadow_end(struct tlb_shadow *s);
// Has an entry of the space gone since the last call? Whoever asks with
// interrupts off and the space loaded is interrupted by what comes later.
bool tlb_shadow_stale(struct tlb_shadow *s);
