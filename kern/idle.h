// Which CPUs have nothing to run, and how they wait.
#pragma once
#include "lib/types.h"

// From the start of scheduler(), on each CPU.
void idle_init_cpu(void);
// Notes that this CPU has nothing to run, or has.
void idle_note(bool idle);
// A thread became ready, in the run queue of CPU number `cpu`. Wakes this CPU
// if it is idle, else any idle one: it looks at its own queue, then at the
// others. Interrupts off.
void idle_kick(int cpu);
// Waits for an interrupt, unless this CPU was asked to look for threads
// (cpu->resched). Turns interrupts on. Holds no lock.
void idle_wait(void);
