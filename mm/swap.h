// Swap: a disk or a file that keeps pages for which there is no frame. It is
// cut into slots of a page each.
//
//	an entry: swapped, 7 --.
//	an entry: swapped, 7 --+--> slot 7 --> its block of the disk
//	                              |  ^
//	an entry: present ---------> frame      (or no frame)
//
// A slot counts the entries that hold its number. It may have a frame too, with
// the same bytes. The frame then belongs to swap (owner, and index: the slot's
// number), and the slot holds a reference to it:
//
//	count, frame
//	0, none     the slot is free
//	n, none     the page is on the disk only
//	n, a frame  a fault that brings it back finds it without the disk
//	0, a frame  the entries that show the frame need no write to give it up
//	            again, until one of them is dirty
//
// Invariants: as long as the count is not 0, the block has the page's bytes. An
// entry that shows a frame of swap has W only if nobody else can reach the
// frame: the slot's count is 0, and the references are the entry's and the
// slot's.
#pragma once
#include "kalloc.h"
#include "lib/types.h"

struct blk_disk;
struct vminfo;

#define SWAP_RUN 32 // pages in one write

// Does pg belong to swap?
bool swap_has(const struct page *pg);

struct slot {
	struct page *page; // a frame with the same bytes, or NULL
	uint block;        // [I] where it lies on the disk
	ushort count;      // entries that hold its number
	bool busy;         // the frame is being read
	bool bad;          // the disk refused a write: never used again
};

// The table of slots: a page of pointers to pages of slots.
#define SLOTS_PER_PAGE (PGSIZE / sizeof(struct slot))
#define SLOTS_MAX      (PGSIZE / sizeof(struct slot *) * SLOTS_PER_PAGE)

// Turns swap on, once and for ever, with n slots on disk d, n <= SLOTS_MAX. The
// table, whose blocks are set and all else 0, becomes swap's. 0, or -EBUSY
// (swap is on).
int swap_start(struct blk_disk *d, struct slot **table, uint n) __must_check;

// How many slots there are, and how many of them are free.
uint swap_total(void);
uint swap_free(void);

// Gives the first of the n pages slots that follow each other, and writes them.
// n is at most SWAP_RUN. No page has a slot yet, and nobody can change them
// meanwhile. Returns with how many pages it is done; 0: no slot is free. A page
// that the disk refused has no slot afterwards (swap_has). Allocates nothing.
// Sleeps.
uint swap_write(struct page *const *pg, uint n) __must_check;

// One more entry holds the slot, or one less: the last one frees the slot. Any
// context.
void swap_get(uint slot);
void swap_put(uint slot);

// *pg gets the frame with the bytes of the slot, with a reference. Reads the
// slots that follow too, if memory is there. The caller's entry holds the slot.
// 0, -EIO, -ENOMEM; 1 if the slot has become free. Sleeps.
int swap_read(uint slot, struct page **pg) __must_check;
// The entry that held the slot is about to show pg, which swap_read gave. True
// if nobody else can reach pg, so that the entry may have W.
bool swap_leave(uint slot, const struct page *pg) __must_check;

// A program wants to write to pg, which is swap's. If the caller's entry has
// the only reference beside the slot's, pg leaves swap. Holds the table's lock.
bool swap_own(struct page *pg) __must_check;
// The bytes of pg are newer than the slot: it leaves swap.
void swap_forget(struct page *pg);

// page_put for a frame that an entry has shown: it may be swap's. Returns true
// if the frame is free now.
bool swap_put_owned(struct page *pg);
static inline bool
swap_page_put(struct page *pg)
{
	bool last = pg->refs == 1;

	if (pg->owner)
		return swap_put_owned(pg);
	page_put(pg);
	return last;
}

// Frees the frames that were read ahead and that nobody has asked for, but for
// the newest `keep`. Returns how many.
uint swap_shrink(uint keep);

// Fills in the numbers of slots, and the pages read and written.
void swap_count(struct vminfo *v);
