// Mapping more of a file than the page that a fault asks for.
#pragma once
#include "mm/area.h"
#include "vm.h"

// The page at va, whose entry is *pte, is a page of the file behind a, and has
// just been mapped read-only. Maps its neighbours in the same way, as far as
// they are in the cache. Holds mm->lock, and owns the table. Never sleeps.
void fault_around(const struct area *a, vaddr_t va, pte_t *pte);
