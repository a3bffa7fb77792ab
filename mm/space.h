// The struct of an address space. What is done with it stands in mm/mm.h.
#pragma once
#include "kern/mutex.h"
#include "lib/types.h"
#include "mm/area.h"
#include "vm.h"

struct inode;

#define USER_MIN  0x1000u    // lowest address but for files that ask for page 0
#define USER_TOP  KERNBASE   // end of user addresses, top of the stack
#define STACK_MAX 0x800000u  // how far a stack grows
#define BRK_MAX   0x60000000u // the heap ends below, mappings begin here

// Letters: [m] mm->lock, [t] the table's lock (mm/table.h).
struct mm {
	pde_t *pgdir;              // [I]; its entries: mm/table.h
	struct mutex lock;         // RANK_MM
	int refs;                  // [a]
	struct area_list areas;    // [m]
	uint tables;               // [m] page tables of the user's half
	vaddr_t brk_start, brk;    // [m] the heap, byte exact
	volatile bool shares;      // [a] some area is shared, or was
	struct inode *program;     // [I] what it runs: a reference, no writers
	// The clock's (mm/pageout.c):
	struct list space_link;
	vaddr_t hand; // where it goes on
	ushort lap;   // when it was here last
};
