// Single shadows and their entries: making, filling, clearing. What they mean
// is said in hv/shadow.h.
//
// Two kinds of chains lead from what an entry points at back to the entry:
//
//	frame->writers ----> entry ----> entry      who may write to the page
//	shadow->parents ---> entry ----> entry      which directories name it
//
// A link is the physical address of an entry, and 0 at the end. chain[i] is
// what follows entry i of the same shadow.
#pragma once
#include "hv/guestwalk.h"
#include "lib/list.h"
#include "mm/tlb.h"

enum shadow_kind { SHADOW_DIR, SHADOW_TABLE, SHADOW_PRIVATE };

struct shadow {
	enum shadow_kind kind;
	struct list link;      // in space->shadows
	struct frame *frame;   // the guest's table, or NULL
	struct shadow *next;   // the next shadow of the same frame
	pte_t *entry;          // the page that the processor walks
	pte_t *seen;           // the guest's entry that each was made from;
		// of a PRIVATE: the guest-physical page
	paddr_t *chain;        // what follows each entry in its chain
	paddr_t parents;       // chain: the directory entries that name it
};

// One for each page of the guest's physical memory.
struct frame {
	paddr_t writers;        // chain: shadow entries with W that lead here
	struct shadow *shadows; // as a guest table: a DIR, a TABLE, or both
	struct frame *next;     // in space->unsynced
	uint number;            // [I] its address / PGSIZE
	bool unsynced;
};

struct shadow_space {
	struct guest_memory *mem; // [I]
	struct walk_rules rules;  // the guest's CR0, CR3, CR4
	bool strict;              // [I] out of sync until the next fault only
	bool fresh;               // an entry has gone: translations must be
		// forgotten before the guest runs on
	struct list shadows;
	uint count, max;          // of shadows
	struct shadow *root;      // of the guest's CR3, or NULL: to be made
	struct frame *unsynced;
	struct frame **frames;    // [I] by page: FRAMES_PER_PAGE in each
	void *scratch;            // [I] a page
	struct tlb_shadow *host;  // [I] says that the host took something away
};

void shadow_init(void); // once

// The most memory of a guest, in bytes: a page of pointers to pages of records.
#define SHADOW_MEMORY_MAX 0x30000000u

// The records of all pages of the guest's memory; frames_end also after a
// failure. 0 or -ENOMEM.
int frames_begin(struct shadow_space *s) __must_check;
void frames_end(struct shadow_space *s);
// The record of the guest-physical page at pa, which is memory.
struct frame *frame_of(const struct shadow_space *s, uint32_t pa);

// The frame's shadow of that kind, or NULL.
struct shadow *shadow_find(const struct frame *f, enum shadow_kind kind);
// A new, empty shadow; frame may be NULL. Unless the frame is out of sync, it
// is write-protected. NULL: memory is out, or there are too many.
struct shadow *shadow_make(struct shadow_space *s, enum shadow_kind kind,
			   struct frame *f);
void shadow_free(struct shadow_space *s, struct shadow *t);
void shadow_free_all(struct shadow_space *s);

// The shadow that a directory's entry i names, or NULL.
struct shadow *shadow_child(const struct shadow *dir, uint i);
// Lets entry i of dir, which is empty, name the table t.
void shadow_link(struct shadow *dir, uint i, struct shadow *t, pte_t perm,
		 pte_t seen);
// Empties an entry, and lets a PRIVATE that it named go.
void shadow_clear(struct shadow_space *s, struct shadow *t, uint i);
// Fills entry i of a TABLE or PRIVATE. The page is the guest's at
// PTE_ADDR(seen).
void shadow_set(struct shadow_space *s, struct shadow *t, uint i, pte_t entry,
		pte_t seen);

// Takes W from all entries that lead to the frame.
void shadow_protect(struct shadow_space *s, struct frame *f);
// Marks a frame that has shadows: a store to it need not be seen.
void shadow_unsync(struct shadow_space *s, struct frame *f);
