// Physical memory for the readers of firmware tables. entrypgdir maps the first
// 4 MB only, and ACPI's tables are near the top of RAM. So two of its directory
// entries, which nothing else uses before kvmalloc, are made to map the 4 MB
// pages around the bytes that are wanted. Two, because a table may cross the
// border of a 4 MB page.
#include "x86/firmware.h"
#include "memlayout.h"
#include "mmu.h"
#include "x86/insn.h"

#define MAP_VA PTWINDOW
_Static_assert(PHYS_MAX <= PDXSIZE, "two 4 MB pages hold any phys_map");
_Static_assert(PDX(MAP_VA) + 1 < NPDENTRIES, "there is a second entry");

static void
map_entries(pde_t first, pde_t second)
{
	pde_t *entrypgdir = P2V(PTE_ADDR(cr3_read()));

	entrypgdir[PDX(MAP_VA)] = first;
	entrypgdir[PDX(MAP_VA) + 1] = second;
	cr3_write(cr3_read()); // the CPU forgets what the entries were before
}

const uint8_t *
phys_map(paddr_t pa, uint32_t len)
{
	paddr_t base = pa & ~(PDXSIZE - 1);

	if (len == 0 || len > PHYS_MAX || pa + len - 1 < pa)
		return NULL;
	if (pa + len <= ENTRYTOP)
		return P2V(pa);
	map_entries(base | PTE_PS | PTE_P, (base + PDXSIZE) | PTE_PS | PTE_P);
	return (const uint8_t *)MAP_VA + (pa - base);
}

void
phys_unmap(void)
{
	map_entries(0, 0);
}
