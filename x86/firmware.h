// Reading the tables that the firmware leaves in physical memory, before the
// kernel has page tables of its own.
#pragma once
#include "lib/types.h"

// len bytes of physical memory at pa, readable until the next phys_map. NULL if
// len is 0 or more than PHYS_MAX, or if the range passes 4 GB. Works only while
// entrypgdir is loaded. Call phys_unmap at the end.
#define PHYS_MAX 0x100000
const uint8_t *phys_map(paddr_t pa, uint32_t len);
void phys_unmap(void);

// Little-endian values at any alignment.
static inline uint16_t
table_get16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static inline uint32_t
table_get32(const uint8_t *p)
{
	return table_get16(p) | (uint32_t)table_get16(p + 2) << 16;
}

// The sum of the bytes, modulo 256. It is 0 for a table that is whole.
static inline uint8_t
table_sum(const uint8_t *p, uint32_t len)
{
	uint8_t sum = 0;

	while (len-- > 0)
		sum += *p++;
	return sum;
}
