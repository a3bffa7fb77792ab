// Deadlines of sleeps.
#pragma once
#include "lib/types.h"

struct thread;

// From tick `deadline` on (kern/clock.h), t's sleep is ended with -ETIMEDOUT:
// at the next tick if the deadline is past. t is about to sleep.
void timeout_start(struct thread *t, uint64_t deadline);
// The sleep has ended: t must call this before it sleeps again or ends.
void timeout_stop(struct thread *t);
// From the clock, at every tick.
void timeout_tick(uint64_t tick);
