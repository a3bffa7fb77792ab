// Wait queues, and the list of the sleepers that also wait for a tick.
// sched_lock guards both. A thread that goes to sleep takes sched_lock before
// it releases the lock of its condition, and a wakeup takes sched_lock too. So
// no wakeup comes in between and gets lost.
#include "kern/wait.h"
#include "abi/errno.h"
#include "lib/assert.h"
#include "kern/sched.h"

static struct list timers = LIST_INIT(timers); // [s] threads, soonest first

void
waitq_init(struct waitq *q, const char *name)
{
	list_init(&q->sleepers);
	q->name = name;
}

// Enters t into timers. Most new deadlines are the latest, so the search begins
// at the end.
static void
timer_add(struct thread *t, uint64_t deadline)
{
	struct list *at = timers.prev;

	while (at != &timers &&
	       list_entry(at, struct thread, timer)->deadline > deadline)
		at = at->prev;
	t->deadline = deadline;
	list_push(at, &t->timer);
}

#define FOREVER UINT64_MAX

static int
sleep_on(struct waitq *q, struct spinlock *lk, bool killable, uint64_t deadline)
{
	struct thread *t = thread_this();
	int result = -EINTR;

	acquire(&sched_lock);
	if (lk)
		release(lk);
	if (!killable || !t->killed) {
		t->wake_on_kill = killable;
		if (deadline != FOREVER)
			timer_add(t, deadline);
		t->waiting = q;
		result = sched_block(&q->sleepers);
	}
	release(&sched_lock);
	if (lk)
		acquire(lk);
	return result;
}

void
wait_on(struct waitq *q, struct spinlock *lk)
{
	sleep_on(q, lk, false, FOREVER);
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

void
wake_one(struct waitq *q)
{
	acquire(&sched_lock);
	if (!list_empty(&q->sleepers))
		sched_unblock(list_first(&q->sleepers, struct thread, link), 0);
	release(&sched_lock);
}

void
wake_all(struct waitq *q)
{
	acquire(&sched_lock);
	while (!list_empty(&q->sleepers))
		sched_unblock(list_first(&q->sleepers, struct thread, link), 0);
	release(&sched_lock);
}

void
wait_expire(uint64_t now)
{
	struct thread *t;

	if (list_empty(&timers))
		return;
	acquire(&sched_lock);
	while (!list_empty(&timers)) {
		t = list_first(&timers, struct thread, timer);
		if (t->deadline > now)
			break;
		sched_unblock(t, -ETIMEDOUT);
	}
	release(&sched_lock);
}
