// The clock: ticks of 1/HZ second, counted by the first CPU.
#pragma once
#include "lib/types.h"

// Ticks since the start; monotonic.
uint64_t clock_ticks(void);
// Sleeps for n ticks; n = 0 returns at once. Returns 0, or -EINTR if killed.
int clock_sleep(uint n) __must_check;
// Starts the ticker of this CPU. Each CPU once, before scheduler().
void clock_start(void);

// Lets fn() be called at every tick, on the first CPU, with interrupts off and
// no lock held. For drivers' time limits; before the ticker starts, a few at
// most.
void clock_register(void (*fn)(void));
