// Wait queues. The lock of the condition, lk, guards the queue too.
//
// No wakeup is lost. A thread looks at the condition, enters the queue and
// falls asleep, all with lk held: sched_sleep releases it when thread_wake
// finds the thread asleep. A wakeup holds lk too. So it comes before the look,
// which then sees the change, or it finds the thread in the queue, asleep.
//
// A wakeup, a kill and a deadline may come together. thread_wake decides: it
// returns true to the first of them only. The thread itself leaves the queue
// when it runs again. So a wakeup may meet a thread that a kill has woken, and
// goes on to the next one. A sleep may also end for no reason, by the watchdog
// of a kernel with DEBUG=1: whoever sleeps looks at the condition again.
#include "kern/wait.h"
#include "abi/errno.h"
#include "lib/assert.h"
#include "kern/sched.h"
#include "kern/timeout.h"
#include "kern/watchdog.h"

void
waitq_init(struct waitq *q, const char *name)
{
	list_init(&q->sleepers);
	q->name = name;
	q->lock = NULL;
}

// The running thread comes to q. Without a lock nobody could find it there.
static void
enter_queue(struct waitq *q, struct spinlock *lk, struct thread *t)
{
	t->waiting = q->name;
	if (!lk)
		return;
	assertf(holding(lk) && (!q->lock || q->lock == lk), "%s", q->name);
	q->lock = lk;
	list_append(&q->sleepers, &t->wait_link);
}

#define FOREVER UINT64_MAX

static int
sleep_on(struct waitq *q, struct spinlock *lk, bool killable, uint64_t deadline)
{
	struct thread *t = thread_this();
	bool watched = lk && deadline == FOREVER;
	struct sleeper s;
	int result;

	enter_queue(q, lk, t);
	if (watched)
		watchdog_sleeps(&s, lk);
	if (deadline != FOREVER)
		timeout_start(t, deadline);
	result = sched_sleep(lk, killable);
	if (deadline != FOREVER)
		timeout_stop(t);
	if (lk)
		acquire(lk);
	if (watched)
		watchdog_wakes(&s, lk, q->name);
	list_remove(&t->wait_link);
	t->waiting = NULL;
	return result;
}

void
wait_on(struct waitq *q, struct spinlock *lk)
{
	int err = sleep_on(q, lk, false, FOREVER);

	assert(!err);
}

int
wait_killable(struct waitq *q, struct spinlock *lk)
{
	return sleep_on(q, lk, true, FOREVER);
}

int
wait_until(struct waitq *q, struct spinlock *lk, uint64_t deadline)
{
	return sleep_on(q, lk, true, deadline);
}

struct thread *
wake_next(struct waitq *q)
{
	struct list *l;

	assertf(!q->lock || holding(q->lock), "%s", q->name);
	while ((l = list_pop(&q->sleepers))) {
		struct thread *t = list_entry(l, struct thread, wait_link);

		if (thread_wake(t, 0))
			return t;
	}
	return NULL;
}

void
wake_one(struct waitq *q)
{
	wake_next(q);
}

void
wake_all(struct waitq *q)
{
	while (wake_next(q))
		;
}
