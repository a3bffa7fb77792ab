// Which CPUs have nothing to run, and how they wait.
#pragma once
#include "lib/types.h"

// From the start of scheduler(), on each CPU.
void idle_init_cpu(void);
// Notes that this CPU has nothing to run, or has. Holds sched_lock.
void idle_note(bool idle);
// A thread became ready: wakes one idle CPU, if there is one. Holds sched_lock.
void idle_kick(void);
// Waits for an interrupt, unless this CPU was asked to look for threads
// (cpu->resched). Turns interrupts on. Holds no lock.
void idle_wait(void);
