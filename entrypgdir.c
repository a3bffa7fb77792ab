// The first page directory: two entries of 4 MB each and no tables, just enough
// to run at both the address where the kernel was loaded and the one for which
// it is linked. kvmalloc replaces it; CPUs that start later pass through it
// too, which is why its low entry stays.
#include "memlayout.h"
#include "mmu.h"

extern pde_t entrypgdir[NPDENTRIES];

__attribute__((aligned(PGSIZE))) pde_t entrypgdir[NPDENTRIES] = {
	// va 0 .. 4 MB -> pa 0 .. 4 MB
	[0] = 0 | PTE_P | PTE_W | PTE_PS,
	// va KERNBASE .. KERNBASE + 4 MB -> pa 0 .. 4 MB
	[KERNBASE >> PDXSHIFT] = 0 | PTE_P | PTE_W | PTE_PS,
};
