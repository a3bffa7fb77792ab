// Areas: which addresses of a space mean something, and what.
//
//	mm->areas   <-> [text] <-> [data] <-> [heap] <-> [map] <-> [stack] <->
//	                  |          |                     |
//	inode->areas   <-----------------> (of one file)  <-> (of another)
//
// An area is a range of whole pages with one permission and one object behind
// it: nothing (zeros), a file, or shared anonymous memory. Where the object's
// bytes lie is said once and absolutely: byte `off` of the object is at address
// `data`, and filelen bytes follow. So a cut or split area keeps these three as
// they are.
//
//	     start            data            data + filelen        end
//	       |  zeros        | off ...  off + filelen |   zeros    |
//
// Invariants: areas of a space are disjoint and sorted; every user entry of its
// page tables lies in an area; an area with a file is in that file's list from
// before its first page comes until after its last page is gone, because that
// list is how truncate finds the pages (mm/hooks.c).
#pragma once
#include "lib/list.h"
#include "lib/types.h"

struct inode;
struct mm;
struct shm;

// Letters: [m] mm's lock; [l] ip->area_lock; [I] constant.
struct area {
	struct list link;        // [m] in mm->areas
	struct list object_link; // [l] in ip->areas
	struct mm *mm;           // [I]
	vaddr_t start, end;      // [m] whole pages
	int flags;               // [m] AREA_... of mm.h
	struct inode *ip;        // [I] a file, with a reference, or NULL
	struct shm *shm;         // [I] shared memory, with a reference, or NULL
	vaddr_t data;            // [I] address of the object's byte off
	uint off, filelen;       // [I] the object's bytes in this area
};

void area_init(void);

// A new area of zeros that is in no list, or NULL if memory is out.
struct area *area_new(struct mm *mm, vaddr_t start, vaddr_t end, int flags);
// A copy of a for mm with its own reference to the object; in no list, or NULL.
struct area *area_clone(const struct area *a, struct mm *mm);
// Puts a file behind a new area. Takes its own reference. A shared area that
// may write to the file counts as a writer (inode_get_write) until its end; the
// caller is one then.
void area_set_file(struct area *a, struct inode *ip, vaddr_t data, uint off,
		   uint filelen);
// Lets go of the object and frees a, which is in no list. Sleeps.
void area_free(struct area *a);

// Enters a, which overlaps nothing there, in `areas` and in its file's list.
void area_insert(struct list *areas, struct area *a);
// Takes a out of both lists. Its pages are gone already.
void area_remove(struct area *a);

// The area that holds va, or NULL.
struct area *area_find(const struct list *areas, vaddr_t va);
// The lowest area that ends above va, or NULL.
struct area *area_above(const struct list *areas, vaddr_t va);
// Does any area overlap [start, end)?
bool area_overlaps(const struct list *areas, vaddr_t start, vaddr_t end);
// Is every address of [start, end) in some area?
bool area_covers(const struct list *areas, vaddr_t start, vaddr_t end);
// The lowest start of len free bytes in [from, to), or 0 if there is none.
vaddr_t area_find_free(const struct list *areas, vaddr_t from, vaddr_t to,
		       uint len);

// Makes va a border: an area that reaches across it becomes two. 0 or -ENOMEM.
// A program cannot see the difference, so that nobody has to undo it.
int area_split(struct list *areas, vaddr_t va) __must_check;
// Joins a with its neighbours where they are alike; a may be gone afterwards.
void area_merge(struct list *areas, struct area *a);
// Makes area_cut of [start, end) possible: splits the area that reaches beyond
// both ends, if there is one. 0 or -ENOMEM with nothing changed.
int area_prepare_cut(struct list *areas, vaddr_t start, vaddr_t end)
	__must_check;
// Takes [start, end) out of the areas, after area_prepare_cut and after its
// pages are gone. Cannot fail. Returns how many bytes had an area. Sleeps.
uint area_cut(struct list *areas, vaddr_t start, vaddr_t end);

// ---- One page of an area ---------------------------------------------------
enum page_kind {
	PAGE_ANON,   // no byte of an object is in it
	PAGE_FILLED, // some: not all, or not where the object has them
	PAGE_OBJECT, // it is a page of the object
};

struct area_page {
	enum page_kind kind;
	uint skip; // zeros before the object's bytes
	uint off;  // the first of them in the object
	uint len;  // how many; zeros follow
};

// What belongs in the page at va (a page's start) of a.
struct area_page area_page(const struct area *a, vaddr_t va);

// The other way round: which pages [*start, *end) of a begin with bytes of
// pages [first, last] of its object. False if there are none.
bool area_pages_of(const struct area *a, uint first, uint last, vaddr_t *start,
		   vaddr_t *end);
