// Checks of free pages, for kernels that are built with DEBUG=1: who writes to
// a page that is free? What if there is no page? In other kernels nothing of
// this is left.
#pragma once
#include "lib/types.h"

#ifdef DEBUG
void pagecheck_free(void *va);       // fills a page that becomes free
void *pagecheck_new(void *va);  // asserts that it is still filled; returns va
void *pagecheck_zero(void *va);       // asserts that it is all zeros; va
bool pagecheck_fail(void);           // must this allocation fail?
#else
static inline void
pagecheck_free(void *va)
{
}

static inline void *
pagecheck_new(void *va)
{
	return va;
}

static inline void *
pagecheck_zero(void *va)
{
	return va;
}

static inline bool
pagecheck_fail(void)
{
	return false;
}
#endif

// For tests, with DEBUG=1: the n-th kalloc from now (1 is the next) and all
// after it fail. 0 ends this. (tests/boot/test_nomemory.py sets the same
// variables from outside.)
void kalloc_fail_at(uint n);
