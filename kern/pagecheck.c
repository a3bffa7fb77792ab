// Checks of free pages. A free page is full of POISON, or known to be all
// zeros.
#include "kern/pagecheck.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mmu.h"

#ifdef DEBUG
#define POISON 0xA5

void
pagecheck_free(void *va)
{
	memset(va, POISON, PGSIZE);
}

static void
check_bytes(const uchar *va, uchar byte)
{
	for (uint i = 0; i < PGSIZE; i++)
		assertf(va[i] == byte, "page %p was written while free", va);
}

void *
pagecheck_new(void *va)
{
	check_bytes(va, POISON);
	return va;
}

void *
pagecheck_zero(void *va)
{
	check_bytes(va, 0);
	return va;
}

static uint
	fail_at; // 0: never; else the n-th call from now is the first to fail
static uint fail_for = ~0u; // how many calls fail then

void
kalloc_fail_at(uint n)
{
	fail_at = n;
	fail_for = ~0u;
}

bool
pagecheck_fail(void)
{
	if (fail_at > 1) {
		fail_at--;
		return false;
	}
	if (fail_at && --fail_for == 0) {
		fail_at = 0;
		return true;
	}
	return fail_at;
}
#endif
