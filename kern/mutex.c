// Mutexes. The owner word is 0 (free) or the holder, with bit 0 set once
// somebody waits. Taking and giving back a mutex that nobody else wants is one
// cmpxchg; everything else happens under sched_lock, where unlock hands the
// mutex to the first waiter before that one even runs.
#include "kern/mutex.h"
#include "kern/printk.h"
#include "kern/sched.h"

#define WAITED 1u

static bool
cas(volatile uint32_t *p, uint32_t old, uint32_t new)
{
	return __atomic_compare_exchange_n(p, &old, new, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void
mutex_init(struct mutex *m, const char *name, enum lock_rank rank)
{
	m->owner = 0;
	m->rank = m->held_as = rank;
	waitq_init(&m->waiters, name);
}

static void
took(struct mutex *m, struct thread *t, enum lock_rank rank)
{
	t->held |= 1u << rank;
	m->held_as = rank;
}

// The mutex was held a moment ago. Either it has become free, or we mark it and
// sleep until unlock has made us its owner.
static void
lock_slowly(struct mutex *m, uint32_t me)
{
	uint32_t old;

	acquire(&sched_lock);
	while (!cas(&m->owner, 0, me)) {
		old = m->owner;
		if (old == 0 || !cas(&m->owner, old, old | WAITED))
			continue;
		sched_block(&m->waiters);
		assert((m->owner & ~WAITED) == me);
		break;
	}
	release(&sched_lock);
}

void
mutex_lock_as(struct mutex *m, enum lock_rank rank)
{
	struct thread *t = thread_this();

	assert_may_sleep(m->waiters.name);
	assertf(t->held >> rank == 0, "%s (rank %d) wanted, held %x",
		m->waiters.name, rank, t->held);
	if (!cas(&m->owner, 0, (uint32_t)t))
		lock_slowly(m, (uint32_t)t);
	took(m, t, rank);
}

void
mutex_lock(struct mutex *m)
{
	mutex_lock_as(m, m->rank);
}

bool
mutex_try(struct mutex *m)
{
	struct thread *t = thread_this();

	if (t->held & 1u << m->rank || !cas(&m->owner, 0, (uint32_t)t))
		return false;
	took(m, t, m->rank);
	return true;
}

static void
hand_over(struct mutex *m)
{
	struct thread *next;

	acquire(&sched_lock);
	next = list_first(&m->waiters.sleepers, struct thread, link);
	sched_unblock(next, 0);
	m->owner = (uint32_t)next;
	if (!list_empty(&m->waiters.sleepers))
		m->owner |= WAITED;
	release(&sched_lock);
}

void
mutex_unlock(struct mutex *m)
{
	struct thread *t = thread_this();

	assertf(mutex_holding(m), "%s", m->waiters.name);
	t->held &= ~(1u << m->held_as);
	if (!cas(&m->owner, (uint32_t)t, 0))
		hand_over(m);
}

bool
mutex_holding(const struct mutex *m)
{
	return (m->owner & ~WAITED) == (uint32_t)thread_this();
}
