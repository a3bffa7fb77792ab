// Deadlines of sleeps: a wheel of 256 slots. A thread stands in the slot of its
// deadline, modulo 256, and each tick looks at one slot:
//
//	tick 1000: slot 232 -> deadline 1000, deadline 1256, deadline 1000
//	                                      (a later round: stays)
//
// So to start and to stop a timeout takes a few instructions, however many
// threads sleep. A tick looks at 1/256 of them, and at those that are due.
//
// A thread stays in the wheel until it leaves by itself. Therefore it still
// exists when a tick wakes it. A tick may come before the thread is asleep;
// then thread_wake refuses, and the next tick tries again.
#include "kern/timeout.h"
#include "abi/errno.h"
#include "kern/sched.h"

#define SLOTS 256

static struct spinlock wheel_lock = SPINLOCK("timeout", RANK_TIMEOUT);
static struct list wheel[SLOTS]; // [t] by thread->timer; zeros: not yet used
static uint64_t last_tick;       // [t]

static struct list *
slot_of(uint64_t tick)
{
	struct list *slot = &wheel[tick % SLOTS];

	if (!slot->next)
		list_init(slot);
	return slot;
}

void
timeout_start(struct thread *t, uint64_t deadline)
{
	acquire(&wheel_lock);
	if (deadline <= last_tick)
		deadline = last_tick + 1;
	t->deadline = deadline;
	list_append(slot_of(deadline), &t->timer);
	release(&wheel_lock);
}

void
timeout_stop(struct thread *t)
{
	acquire(&wheel_lock);
	list_remove(&t->timer);
	release(&wheel_lock);
}

void
timeout_tick(uint64_t tick)
{
	struct list *slot;

	acquire(&wheel_lock);
	last_tick = tick;
	slot = slot_of(tick);
	list_for_each_safe (t, n, slot, struct thread, timer) {
		if (t->deadline > tick)
			continue;
		list_remove(&t->timer);
		if (!thread_wake(t, -ETIMEDOUT))
			list_append(slot_of(tick + 1), &t->timer);
	}
	release(&wheel_lock);
}
