// Shadow page tables: what the processor walks while a guest runs.
//
// The guest's tables lead from its virtual addresses to its physical ones. The
// host's lead from there to frames. The processor knows one walk, so the host
// keeps a third set, the shadow: the two composed.
//
//	            the guest's tables         the monitor's tables
//	guest-virtual ------> guest-physical ------> frame
//	      |                                        ^
//	      +----------- the shadow: one walk -------+
//
// A shadow is filled by page faults, as the host's own tables are
// (hv/shadow_case.h says what a fault means). It may lack an entry, but never
// allows more than both sets of tables do.
//
//	kind     shadows                   found by            its entries' bits
//	DIR      a directory of the guest  its frame           the guest's
//	TABLE    a table of the guest      its frame           the guest's
//	PRIVATE  a 4 MB page; a guest      one directory entry both levels'
//	         without paging, or
//	         without CR0.WP
//
// All directories of a guest that name a table share its shadow. So a new
// process of the guest finds the shadows of its kernel's half ready.
//
// The guest changes its tables with ordinary stores. To see them, the host
// takes W away from every shadow entry that leads to a table of the guest. The
// first store faults; then the table is "out of sync": writable, its shadow
// perhaps old. This is what a TLB may be, too: until the guest loads CR3 or
// says invlpg, it cannot expect better. invlpg drops the entry of one address,
// and the directory's, if the directory is out of sync. A load of CR3 compares
// the tables that are out of sync, entry by entry, and protects them again. So
// does the first walk of an address through such a table, for that table.
//
// Invariants:
// - A frame with shadows that is not out of sync has no writers.
// - An entry's frame is the host's for the guest page in `seen`, or the host
//   has set `stale` and the entry is never used again.
#pragma once
#include "hv/shadow_case.h"
#include "hv/shadowtab.h"

// An empty shadow of a machine with this memory. 0 or -ENOMEM, -EAGAIN (too
// many guests); shadow_end frees what there is in both cases.
int shadow_begin(struct shadow_space *s, struct guest_memory *mem, bool strict)
	__must_check;
void shadow_end(struct shadow_space *s);

// The physical address of the directory to run on, which is made if there is
// none. 0, -ENOMEM, -ENXIO (CR3 leads to no memory).
int shadow_root(struct shadow_space *s, paddr_t *cr3) __must_check;
// Has the host taken pages away since the last call? Then all shadows are gone.
void shadow_catch_up(struct shadow_space *s);

// A page fault of the running guest at va with the error code err.
// SHADOW_FILL: the guest can go on. SHADOW_INJECT: it gets a page fault with
// *out as error code. SHADOW_NO_MEMORY: *out is the physical address. Or
// -ENOMEM, -EIO. Sleeps.
int shadow_fault(struct shadow_space *s, uint32_t va, uint err, uint32_t *out)
	__must_check;

// The guest has loaded its registers. Sleep.
void shadow_load_cr3(struct shadow_space *s, uint32_t cr3);
void shadow_set_mode(struct shadow_space *s, uint32_t cr0, uint32_t cr4);
void shadow_invlpg(struct shadow_space *s, uint32_t va);
// The monitor is about to write to the guest's page at pa, as a device does.
void shadow_device_write(struct shadow_space *s, uint32_t pa);
