// An address space: a directory, and the areas that say what belongs at each
// address. exec, brk, mmap and fork edit areas only; pages come by faults
// (mm/fault.h).
#pragma once
#include "mm/space.h"

// All of mm/ (mm/hooks.c). Before any other call.
void mm_init(void);

// A new, empty space with one reference, or NULL if memory is out.
struct mm *mm_new(void);
struct mm *mm_get(struct mm *mm); // another reference; returns mm
// The last reference unmaps and frees everything; no CPU may run on it. Sleeps.
void mm_put(struct mm *mm);
// The new space mm runs the program in ip: until mm's end, or that of its
// copies, nobody may write to the file. 0 or -ETXTBSY (somebody may already).
// mm has no program yet.
int mm_set_program(struct mm *mm, struct inode *ip) __must_check;
// About how many frames the end of mm would free. It counts the resident pages,
// or those of shared memory that mm is charged with, whichever are more, and
// the tables. What n spaces share by a table counts as the nth part. proc_lock
// or a reference keeps mm; no lock of mm is needed.
uint mm_cost(const struct mm *mm);
// The resident pages of mm, shared ones too. The same holds for locks.
uint mm_pages(const struct mm *mm);
// Those that are in swap.
uint mm_swapped(const struct mm *mm);
// A copy-on-write copy (mm/fork.c). *child gets it. sp is the stack pointer of
// the thread that forks: both are going to write there. 0 or -ENOMEM. Sleeps.
int mm_fork(struct mm *parent, vaddr_t sp, struct mm **child) __must_check;

// What is to be mapped where.
struct map_request {
	vaddr_t addr;
	uint len;         // bytes
	int prot;         // PROT_...
	int flags;        // mm_map: AREA_..., mm_mmap: MAP_..., MM_NO_WRITE
	struct inode *ip; // a file, or NULL: zeros
	uint off;         // the file's byte that belongs at addr
	uint filelen;     // mm_map: so many bytes of the file, zeros follow
};

// Enters an area, for exec: the segment of a program, or its stack. Neither
// addr nor off need be page aligned; the pages are rounded outwards. Takes its
// own reference to ip. 0, -EINVAL (bad range), -EEXIST (overlap), -ENOMEM.
// Takes mm->lock.
int mm_map(struct mm *mm, const struct map_request *r) __must_check;

// What a space promises: anonymous memory (heap, mappings, stack) of at most
// the bytes of RAM
// and swap; sbrk and mmap fail with -ENOMEM beyond that.

// Sets where the heap begins (exec); sbrk moves its end by n bytes and stores
// the old end. 0, -ENOMEM, -EINVAL (below the start).
void mm_brk_start(struct mm *mm, vaddr_t start);
int mm_sbrk(struct mm *mm, int n, vaddr_t *old) __must_check;

// mmap, munmap, mprotect, msync of POSIX (mm/mmap.c), on whole pages; lengths
// are rounded up. addr 0: anywhere; else a wish, or with MAP_FIXED an order.
// The caller has checked that the file was opened for what prot asks. If
// mprotect must not make a shared mapping writable either, the caller adds
// MM_NO_WRITE to flags. A space has at most AREA_MAX areas.
//   mmap      -EINVAL, -ENODEV (no regular file), -EOVERFLOW, -ENOMEM
//   munmap    -EINVAL, -ENOMEM (to split an area); nothing there is no error
//   mprotect  -EINVAL, -EACCES (MM_NO_WRITE), -ENOMEM (a gap, or out of memory)
//   msync     -EINVAL, -ENOMEM (a gap), -EIO
#define MM_NO_WRITE 0x1000
int mm_mmap(struct mm *mm, const struct map_request *r, vaddr_t *out)
	__must_check;
int mm_munmap(struct mm *mm, vaddr_t addr, uint len) __must_check;
int mm_mprotect(struct mm *mm, vaddr_t addr, uint len, int prot) __must_check;
int mm_msync(struct mm *mm, vaddr_t addr, uint len) __must_check;

// Describes va for a message: "text", "data", "heap", "stack", "mapping",
// "kernel", "stack overflow" (a little below a stack), "nothing".
const char *mm_describe(struct mm *mm, vaddr_t va);
// What all who share a byte of memory know it by: the object behind it and the
// offset in it, or for private memory the space and the address.
struct mm_place {
	const void *object;
	uint off;
};
// The place of va. Without an area at va, a private one. Takes mm->lock if the
// space shares memory.
void mm_find_place(struct mm *mm, vaddr_t va, struct mm_place *place);
// Does any area hold va?
bool mm_has(struct mm *mm, vaddr_t va);

// ---- Between the files of mm/ ----------------------------------------------
// The caller holds mm->lock, or mm is not visible yet.

// The AREA_ flags of a protection: i386 pages that are writable or executable
// are readable too.
int mm_area_flags(int prot);
// May the space promise len more bytes of memory?
bool mm_may_promise(const struct mm *mm, uint len);
// Empties [start, end). 0, or -ENOMEM with nothing changed. Sleeps.
int mm_remove(struct mm *mm, vaddr_t start, vaddr_t end) __must_check;

void mm_init_spaces(void); // for mm_init
