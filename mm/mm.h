// An address space: a directory, and the areas that say what belongs at each
// address. exec, brk, mmap and fork edit areas only; pages come by faults
// (mm/fault.h).
#pragma once
#include "kern/mutex.h"
#include "lib/list.h"
#include "lib/types.h"
#include "vm.h"

struct inode;

#define USER_MIN  0x1000u    // lowest address but for files that ask for page 0
#define USER_TOP  KERNBASE   // end of user addresses, top of the stack
#define STACK_MAX 0x800000u  // how far a stack grows
#define BRK_MAX   0x60000000u // the heap ends below, mappings begin here

// Letters: [m] mm->lock, [t] mm->table_lock.
struct mm {
	pde_t *pgdir;              // [I]; entries [t]
	struct mutex lock;         // RANK_MM
	struct spinlock table_lock; // RANK_PAGE_TABLE
	int refs;                  // [a]
	struct list areas;         // [m] of struct area, by address (mm/area.h)
	uint size;                 // [m] bytes of all areas
	uint pages;                // [t] resident user pages
	vaddr_t brk_start, brk;    // [m] the heap, byte exact
	struct inode *program;     // [I] what it runs: a reference, no writers
};

void mm_init(void);

// A new, empty space with one reference, or NULL if memory is out.
struct mm *mm_new(void);
struct mm *mm_get(struct mm *mm);
// The last reference unmaps and frees everything; no CPU may run on it. Sleeps.
void mm_put(struct mm *mm);
// The new space mm runs the program in ip: until mm's end, or that of its
// copies, nobody may write to the file. 0 or -ETXTBSY (somebody may already).
// mm has no program yet.
int mm_set_program(struct mm *mm, struct inode *ip) __must_check;
// A copy-on-write copy (mm/fork.c). *child gets it. 0 or -ENOMEM. Sleeps.
int mm_fork(struct mm *parent, struct mm **child) __must_check;

// Flags of an area; PROT_* of abi/mman.h are its low bits.
#define AREA_READ   0x01
#define AREA_WRITE  0x02
#define AREA_SHARED 0x10 // else private: writes are copied
#define AREA_STACK  0x20 // grows down by faults
#define AREA_HEAP   0x40 // brk's
#define AREA_NO_WRITE 0x80 // mprotect may not make it writable

// Enters an area [start, start + len), whole pages. ip NULL: anonymous; else
// file bytes [off, off + filelen) come first, zeros follow (a program's
// segment: neither start nor off need be page aligned; the pages are rounded
// outwards). Overlapping segments of one file that share a page are merged by
// exec's caller. Takes its own reference to ip. 0, -EINVAL (bad range), -EEXIST
// (overlap), -ENOMEM. Takes mm->lock.
int mm_map(struct mm *mm, vaddr_t start, uint len, int flags, struct inode *ip,
	   uint off, uint filelen) __must_check;

// Sets where the heap begins (exec); sbrk moves its end by n bytes and stores
// the old end. 0, -ENOMEM, -EINVAL (below the start).
void mm_brk_start(struct mm *mm, vaddr_t start);
int mm_sbrk(struct mm *mm, int n, vaddr_t *old) __must_check;

// mmap, munmap, mprotect, msync of POSIX (mm/mmap.c), on whole pages; lengths
// are rounded up. addr 0: anywhere, else a wish, or with MAP_FIXED an order.
// The caller has checked that the file was opened for what prot asks; if a
// shared map of it must not become writable by mprotect either, it adds
// MM_NO_WRITE to flags.
//   mmap      -EINVAL, -ENODEV (no regular file), -EOVERFLOW, -ENOMEM
//   munmap    -EINVAL, -ENOMEM (to split an area); nothing there is no error
//   mprotect  -EINVAL, -EACCES (MM_NO_WRITE), -ENOMEM (a gap, or out of memory)
//   msync     -EINVAL, -ENOMEM (a gap), -EIO
#define MM_NO_WRITE 0x1000
int mm_mmap(struct mm *mm, vaddr_t addr, uint len, int prot, int flags,
	    struct inode *ip, uint off, vaddr_t *out) __must_check;
int mm_munmap(struct mm *mm, vaddr_t addr, uint len) __must_check;
int mm_mprotect(struct mm *mm, vaddr_t addr, uint len, int prot) __must_check;
int mm_msync(struct mm *mm, vaddr_t addr, uint len) __must_check;

// ---- Between the files of mm/ ----------------------------------------------
// Each holds mm->lock, or mm is not visible yet.
struct area;

// The AREA_ flags of a protection: i386 pages that are writable or executable
// are readable too.
int mm_area_flags(int prot);
// Enters a, whose range is free.
void mm_add(struct mm *mm, struct area *a);
// Empties [start, end). 0, or -ENOMEM with nothing changed. Sleeps.
int mm_remove(struct mm *mm, vaddr_t start, vaddr_t end) __must_check;
// The promise of brk and mmap: is at least 1/64 of all frames free, if need be
// after reclaim? Sleeps; holds nothing.
bool mm_can_promise(void);
// Registers the two hooks with the file system (mm/hooks.c).
void mm_hooks_init(void);
