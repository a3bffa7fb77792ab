// Wait queues: sleeping until a condition holds. The cost of a wakeup does not
// grow with the number of threads. The pattern, with a spinlock that guards the
// condition:
//
//	acquire(&lk);
//	while (!condition)
//		wait_on(&q, &lk);
//	...
//	release(&lk);        the other thread: acquire, change, wake, release
#pragma once
#include "kern/lock.h"
#include "lib/list.h"
#include "lib/types.h"

struct waitq {
	struct list sleepers; // [s]
	const char *name;     // [I] what ps shows
};

#define WAITQ(v, n) { LIST_INIT((v).sleepers), (n) }
void waitq_init(struct waitq *q, const char *name);

// Each function releases lk, which must be the only spinlock held, sleeps on q
// and takes lk again. lk may be NULL if no wakeup can come too early. This one
// ends by a wakeup only.
void wait_on(struct waitq *q, struct spinlock *lk);
// Ends also when the thread is killed. Returns 0, or -EINTR if it is killed.
int wait_killable(struct waitq *q, struct spinlock *lk) __must_check;
// Ends also at tick `deadline` (kern/clock.h). 0, -EINTR or -ETIMEDOUT.
int wait_until(struct waitq *q, struct spinlock *lk, uint64_t deadline)
	__must_check;

// Wakes the thread that has slept longest, or all threads. Any context. Change
// the condition with lk held: else a thread may look before the change, sleep
// after this wakeup, and never wake.
void wake_one(struct waitq *q);
void wake_all(struct waitq *q);

// From the clock: ends the sleeps whose deadline is at or before `now`.
void wait_expire(uint64_t now);
