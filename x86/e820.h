// Which physical addresses are RAM, as the firmware says.
#pragma once
#include "lib/types.h"

#define MULTIBOOT_MAGIC 0x2BADB002 // a loader passes it in %eax
#define RAM_RANGES 32

// [start, end), multiples of the page size, end > start.
struct ram {
	paddr_t start, end;
};

// Set by ram_find. The ranges ascend, with a gap between any two, and end below
// the last page of the 4 GB. Memory below EXTMEM is listed too.
extern struct ram ram[RAM_RANGES];
extern int nram;

// Reads the multiboot information at physical address info, which bootasm.S or
// a multiboot loader made, if magic is right: its memory map, or else its two
// sizes. Reads only the first ENTRYTOP bytes of memory, and believes nothing
// without a check. nram is 0 if nothing is usable. Call while entrypgdir is
// loaded.
void ram_find(uint32_t magic, paddr_t info);

// The parts without hardware, for tests. The input is a map of len bytes in
// multiboot's format, or the two sizes in KB (below 1 MB, from 1 MB on). They
// write at most max ranges to out, drop the others, and return how many they
// wrote.
int ram_from_map(const uint8_t *map, uint32_t len, struct ram *out, int max);
int ram_from_sizes(uint32_t lower, uint32_t upper, struct ram *out, int max);
