// The clock: ticks of 1/HZ second, counted by the first CPU.
#pragma once
#include "lib/types.h"

// Ticks since the start. Never goes back.
uint64_t clock_ticks(void);
// Sleeps for n ticks. Returns 0, or -EINTR if the thread is killed.
int clock_sleep(uint n) __must_check;
// Starts the ticker of this CPU. Once on each CPU, before scheduler().
void clock_start(void);

// From here on fn() is called at every tick, on the first CPU, with interrupts
// off and no lock held. For time limits of drivers: at most four functions,
// before the ticker starts.
void clock_register(void (*fn)(void));
