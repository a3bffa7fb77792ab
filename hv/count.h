// How often guests' processors stopped, and why: for vmstat.
#pragma once
#include "abi/guest.h"
#include "lib/types.h"

void guest_count(enum guest_count what);
void guest_counts(uint counts[GUESTS_COUNT]);
