// The clock: ticks of 1/HZ second, counted by the first CPU.
#pragma once
#include "lib/types.h"

// Ticks since the start; monotonic.
uint64_t clock_ticks(void);
// Sleeps for n ticks; n = 0 returns at once. Returns 0, or -EINTR if killed.
int clock_sleep(uint n) __must_check;
// Starts the ticker of this CPU. Each CPU once, before scheduler().
void clock_start(void);
