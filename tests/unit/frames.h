// The count of free frames, as the tests of spaces compare it.
#pragma once
#include "kalloc.h"
#include "mm/table.h"

// Directories that are kept for the next spaces count as free.
static inline uint
frames_free(void)
{
	pgdir_drop_spares();
	return kalloc_free();
}
