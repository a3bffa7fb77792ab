// Wait queues: sleeping until a condition holds. The cost of a wakeup does not
// grow with the number of threads. The pattern, with a spinlock that guards the
// condition and the queue:
//
//	acquire(&lk);                          acquire(&lk);
//	while (!condition)                     condition = true;
//		wait_on(&q, &lk);              wake_one(&q);
//	...                                    release(&lk);
//	release(&lk);
#pragma once
#include "kern/lock.h"
#include "lib/list.h"
#include "lib/types.h"

struct thread;

struct waitq {
	struct list sleepers;  // by thread->wait_link; guarded by *lock
	const char *name;      // [I] what ps shows
	struct spinlock *lock; // the sleepers' lk, since the first one came
};

#define WAITQ(v, n) { LIST_INIT((v).sleepers), (n), NULL }
void waitq_init(struct waitq *q, const char *name);

// A sleep may end for no reason. So it stands in a loop that looks at the
// condition.
//
// Each function releases lk, which must be the only spinlock held, sleeps on q
// and takes lk again. All sleepers of a queue use the same lk. It may be NULL
// for a sleep that no wakeup ends, but only time or a kill. This one ends by a
// wakeup only.
void wait_on(struct waitq *q, struct spinlock *lk);
// Ends also when the thread is killed. Returns 0, or -EINTR if it is killed.
int wait_killable(struct waitq *q, struct spinlock *lk) __must_check;
// Ends also at tick `deadline` (kern/clock.h). 0, -EINTR or -ETIMEDOUT.
int wait_until(struct waitq *q, struct spinlock *lk, uint64_t deadline)
	__must_check;

// Wakes the thread that has slept longest, or all threads. Any context. Holds
// the sleepers' lk: else a thread may look before the change, sleep after this
// wakeup, and never wake.
void wake_one(struct waitq *q);
void wake_all(struct waitq *q);
// wake_one that says which thread it woke, or NULL. The thread does not go on
// before lk is released.
struct thread *wake_next(struct waitq *q);
