// The watchdog of kernels that are built with DEBUG=1. It prints what takes too
// long, with names:
//
//	watchdog: spinlock pipe was held for 130 ms, until pipe_read+0x91
//	watchdog: spinlock pipe has been held for 100 ms by CPU 1, thread cat
//	watchdog: interrupts were off for 12 ms on CPU 0, until printk+0x31
//	watchdog: cat waited for pipe, although it had no need to
//
// In other kernels nothing of this is left. Times are in units of 2^20 ns,
// about a millisecond. They go on while a simulator gives its CPU no time, so
// on a busy host a report may be false; under QEMU's -icount none is. A place
// that turns interrupts on too late is reported once.
#pragma once
#include "lib/list.h"
#include "lib/types.h"

struct spinlock;
struct thread;

#define WATCHDOG_LOCK_MS 100
#define WATCHDOG_IRQ_MS  10

#ifdef DEBUG
// A thread that sleeps on a wait queue with a lock, and without a deadline.
struct sleeper {
	struct list link; // among all sleepers
	struct thread *thread;
	uint64_t since; // the tick at which it fell asleep
	bool poked;     // the watchdog has woken it, for no reason
};

// Watches spinlocks and interrupts from here on.
void watchdog_init(void);

// The running thread, which holds lk, is about to sleep; it is awake, and
// holds lk again. s is on its stack meanwhile; `queue` is for the report.
void watchdog_sleeps(struct sleeper *s, const struct spinlock *lk);
void watchdog_wakes(struct sleeper *s, const struct spinlock *lk,
		    const char *queue);
// Each tick, on the first CPU: wakes threads that have slept for a second.
// Their loops look at their conditions again, and they sleep on.
void watchdog_tick(uint64_t tick);

// How many reports of each kind were printed.
extern struct watchdog_reports {
	uint locks, interrupts, waits;
} watchdog_reports;
#else
struct sleeper {
};

static inline void
watchdog_init(void)
{
}

static inline void
watchdog_sleeps(struct sleeper *s, const struct spinlock *lk)
{
}

static inline void
watchdog_wakes(struct sleeper *s, const struct spinlock *lk, const char *queue)
{
}

static inline void
watchdog_tick(uint64_t tick)
{
}
#endif
