// Mutexes: locks whose waiters sleep, for what is held across a disk read. A
// mutex goes to the thread that has waited longest, so that none starves.
#pragma once
#include "kern/lock.h"
#include "kern/wait.h"

struct mutex {
	volatile uint32_t owner; // the thread; bit 0: others may wait
	uint32_t bit;            // [I] 1 << the usual rank
	uint32_t held_as;        // the bit of the present holder's acquisition
	struct spinlock lock;    // guards waiters; RANK_MUTEX
	struct waitq waiters;
};

// For the definition of a static one: struct mutex v = MUTEX(v, "name", rank).
#define MUTEX(v, n, r)                                                         \
	{                                                                      \
		.bit = 1u << (r), .lock = SPINLOCK(n, RANK_MUTEX),             \
		.waiters = WAITQ((v).waiters, n)                               \
	}
void mutex_init(struct mutex *m, const char *name, enum lock_rank rank);
// Sleeps until m is the running thread's. Panics on a broken lock order.
void mutex_lock(struct mutex *m) __acquires(m);
// The same, but also ends if the thread is killed. Returns 0, or -EINTR without
// the mutex.
int mutex_lock_killable(struct mutex *m) __must_check;
// mutex_lock under another rank, for the directory cases of RANK_DIR,
// RANK_DIR2.
void mutex_lock_as(struct mutex *m, enum lock_rank rank) __acquires(m);
// Takes m if it is free, without sleeping and without regard to the lock order.
bool mutex_try(struct mutex *m) __must_check;
void mutex_unlock(struct mutex *m) __releases(m);
bool mutex_holding(const struct mutex *m);
