// Which physical addresses are RAM: the firmware's word, cleaned.
#pragma once
#include "lib/types.h"

#define MULTIBOOT_MAGIC 0x2BADB002 // a loader passes it in %eax
#define RAM_RANGES 32

// [start, end), multiples of the page size, end > start.
struct ram {
	paddr_t start, end;
};

// Set by ram_find: ascending, with a gap between any two; all below 4 GB less
// one page. What lies below EXTMEM is listed as the firmware says.
extern struct ram ram[RAM_RANGES];
extern int nram;

// Reads the multiboot information at physical address info (from bootasm.S or a
// multiboot loader) if magic says that it is one: its memory map, or else its
// two sizes. What does not lie in the first ENTRYTOP bytes is not read. Trusts
// nothing in it; nram is 0 if nothing is usable. Call while entrypgdir is
// loaded.
void ram_find(uint32_t magic, paddr_t info);

// The pure halves, for tests: a map of len bytes in multiboot's format / the
// two sizes in KB (below 1 MB, from 1 MB on). Write at most max ranges to out
// and return how many; what does not fit is left out.
int ram_from_map(const uint8_t *map, uint32_t len, struct ram *out, int max);
int ram_from_sizes(uint32_t lower, uint32_t upper, struct ram *out, int max);
