// Areas: which addresses of a space mean something, and what.
//
//	mm->areas   <-> [text] <-> [data] <-> [heap] <-> [map] <-> [stack] <->
//	                  |          |                     |
//	inode->areas   <-----------------> (of one file)  <-> (of another)
//
// An area is a range of whole pages with one permission and one object behind
// it: nothing (zeros), a file, or shared anonymous memory. An area stores where
// the object's bytes lie as absolute numbers: byte `off` of the object is at
// address `data`, and filelen bytes follow. So cutting or splitting an area
// does not change these three.
//
//	     start            data            data + filelen        end
//	       |  zeros        | off ...  off + filelen |   zeros    |
//
// Invariants:
// - The areas of a space are disjoint and sorted.
// - Every user entry of the space's page tables lies in an area.
// - An area with a file is in that file's list from before its first page comes
//   until after its last page is gone, because truncate finds the pages by that
//   list (mm/hooks.c).
#pragma once
#include "lib/list.h"
#include "lib/types.h"
#include "mm/shm.h"

struct inode;
struct mm;

// Flags of an area; PROT_* of abi/mman.h are the low bits.
#define AREA_READ     0x01
#define AREA_WRITE    0x02
#define AREA_SHARED   0x10 // else private: writes are copied
#define AREA_STACK    0x20 // grows down by faults
#define AREA_HEAP     0x40 // brk's
#define AREA_NO_WRITE 0x80 // mprotect may not make it writable

#define AREA_MAX 4096 // areas of one space: loops over them stay short

// Letters: [m] mm's lock; [l] ip->area_lock; [a] atomic; [I] constant.
struct area {
	struct list link;        // [m] in mm->areas
	struct list object_link; // [l] in the list of ip
	struct shm_user user;    // of shm
	struct mm *mm;           // [I] NULL: a walker's mark (mm/hooks.c)
	vaddr_t start, end;      // [m] whole pages
	int flags;               // [m] AREA_...
	struct inode *ip;        // [I] a file, with a reference, or NULL
	struct shm *shm;         // [I] shared memory, with a reference, or NULL
	vaddr_t data;            // [I] address of the object's byte off
	uint off, filelen;       // [I] the object's bytes in this area
};

// The areas of one space. [m]
struct area_list {
	struct list list;  // of struct area, by address
	uint count;        // how many; at most AREA_MAX
	uint size;         // bytes of all areas
	uint promised;     // bytes of the areas without a file
	uint charge;       // [a] pages of shared memory that the space is
		// charged with (mm/shm.h)
	struct area *last; // where the last search ended: the next one begins
		// there. NULL: at the first area
	vaddr_t low, full; // no page of [low, full) is free: area_find_free
		// begins at full
};

void area_init(void);
void area_list_init(struct area_list *areas);

// A new area of zeros that is in no list, or NULL if memory is out.
struct area *area_new(struct mm *mm, vaddr_t start, vaddr_t end, int flags);
// A copy of a for mm with its own reference to the object; in no list, or NULL.
struct area *area_clone(const struct area *a, struct mm *mm);
// Puts a file behind a new area. Takes its own reference. A shared area that
// may write to the file counts as a writer (inode_get_write) until its end; the
// caller is one then.
void area_set_file(struct area *a, struct inode *ip, vaddr_t data, uint off,
		   uint filelen);
// Drops the object's reference and frees a, which is in no list. Sleeps.
void area_free(struct area *a);

// Enters a, which overlaps nothing there, in `areas` and in its object's list.
// `original` is the area of another space that a is a copy of, or NULL: a then
// stands behind it in the object's list. So a hook that walks the list meets
// the area that pages are copied from first, and misses none of the copies.
void area_insert(struct area_list *areas, struct area *a,
		 struct area *original);
// Takes a out of both lists. Its pages are gone already.
void area_remove(struct area_list *areas, struct area *a);

// The next area of the space, or NULL.
static inline struct area *
area_next(const struct area_list *areas, const struct area *a)
{
	if (a->link.next == &areas->list)
		return NULL;
	return list_first(&a->link, struct area, link);
}

// The area that holds va, or NULL.
struct area *area_find(struct area_list *areas, vaddr_t va);
// The lowest area that ends above va, or NULL. Short for an address near the
// last one that was asked for.
struct area *area_above(struct area_list *areas, vaddr_t va);
// May the stack that is the next area above va grow down to va? It grows to
// `lowest`, and 16 pages stay free below it.
bool area_stack_reaches(struct area_list *areas, vaddr_t va, vaddr_t lowest);
// Loop over the areas that overlap [start, end), by address.
#define area_for_range(a, areas, from_va, to_va)                               \
	for (struct area *a = area_above(areas, from_va);                      \
	     a && a->start < (to_va); a = area_next(areas, a))
// Does any area overlap [start, end)?
bool area_overlaps(struct area_list *areas, vaddr_t start, vaddr_t end);
// Is every address of [start, end) in some area?
bool area_covers(struct area_list *areas, vaddr_t start, vaddr_t end);
// The lowest start of len free bytes in [from, to), or 0 if there is none.
vaddr_t area_find_free(struct area_list *areas, vaddr_t from, vaddr_t to,
		       uint len);

// Lets a begin lower; nothing is there.
void area_grow_down(struct area_list *areas, struct area *a, vaddr_t start);
// Makes va a border: an area that reaches across it becomes two. 0 or -ENOMEM
// (also: too many areas). A program cannot see the difference, so nobody has to
// undo a split.
int area_split(struct area_list *areas, vaddr_t va) __must_check;
// Joins the two areas that meet at va, if they are alike.
void area_join(struct area_list *areas, vaddr_t va);
// Joins a with its neighbours where they are alike; a may be gone afterwards.
void area_merge(struct area_list *areas, struct area *a);
// Makes area_cut of [start, end) possible: splits the area that reaches beyond
// both ends, if there is one. 0 or -ENOMEM with nothing changed.
int area_prepare_cut(struct area_list *areas, vaddr_t start, vaddr_t end)
	__must_check;
// Takes [start, end) out of the areas, after area_prepare_cut and after its
// pages are gone. Cannot fail. Sleeps.
void area_cut(struct area_list *areas, vaddr_t start, vaddr_t end);
