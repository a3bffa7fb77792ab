// Mutexes. The owner word is 0 if the mutex is free, else the thread that holds
// it, with bit 0 set (WAITED) if other threads may wait.
//
// A mutex that nobody else wants is taken with one cmpxchg and given back with
// another: with a spinlock in place of both, `make bench` counts 27 % more
// instructions in its row seek, and 30 % in fstat. All else happens under
// m->lock. mutex_unlock makes the thread that has waited longest the owner,
// before that thread even runs. So no thread that comes later can take the
// mutex first, and none starves.
#include "kern/mutex.h"
#include "abi/errno.h"
#include "kern/sched.h"
#include "lib/assert.h"

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
	m->bit = 1u << rank;
	m->held_as = 0;
	lock_init(&m->lock, name, RANK_MUTEX);
	waitq_init(&m->waiters, name);
}

static void
note_held(struct mutex *m, struct thread *t, uint32_t bit)
{
	t->held |= bit;
	m->held_as = bit;
}

// Sleeps until hand_over has made this thread the owner, which it does with
// m->lock held; or until a kill; or for no reason.
static int
wait_for_turn(struct mutex *m, bool killable)
{
	int err = 0;

	if (killable)
		err = wait_killable(&m->waiters, &m->lock);
	else
		wait_on(&m->waiters, &m->lock);
	return err;
}

// Another thread held the mutex a moment ago. Either it is free by now, or it
// is marked: then mutex_unlock, which fails to store a plain 0, comes to
// hand_over. The mark stays if the only waiter is killed, and does no harm.
static int
lock_slowly(struct mutex *m, struct thread *t, bool killable)
{
	uint32_t old;
	int err = 0;

	acquire(&m->lock);
	while (!err && !mutex_holding(m) && !cas(&m->owner, 0, (uint32_t)t)) {
		old = m->owner;
		if (old != 0 && cas(&m->owner, old, old | WAITED))
			err = wait_for_turn(m, killable);
	}
	release(&m->lock);
	return err;
}

// The ranks of mutexes that a thread holds are bits of t->held, as those of
// spinlocks are in kern/lock.h.
__noreturn static void
order_broken(const struct mutex *m, const struct thread *t, uint32_t bit)
{
	assertf(0, "%s (rank %d) wanted, held %x", m->waiters.name,
		__builtin_ctz(bit), t->held);
}

// Fails only if it is killable.
static inline int
lock_as(struct mutex *m, uint32_t bit, bool killable)
{
	struct thread *t = thread_this();
	int err;

	assert_may_sleep(m->waiters.name);
	if (t->held >= bit)
		order_broken(m, t, bit);
	if (!cas(&m->owner, 0, (uint32_t)t)) {
		err = lock_slowly(m, t, killable);
		if (err)
			return err;
		assert(mutex_holding(m));
	}
	note_held(m, t, bit);
	return 0;
}

void
mutex_lock_as(struct mutex *m, enum lock_rank rank)
{
	lock_as(m, 1u << rank, false);
}

int
mutex_lock_killable(struct mutex *m)
{
	return lock_as(m, m->bit, true);
}

void
mutex_lock(struct mutex *m)
{
	lock_as(m, m->bit, false);
}

bool
mutex_try(struct mutex *m)
{
	struct thread *t = thread_this();

	if (t->held & m->bit || !cas(&m->owner, 0, (uint32_t)t))
		return false;
	note_held(m, t, m->bit);
	return true;
}

// Makes the thread that has waited longest the owner, if there still is one.
// The owner is stored once: another CPU may take the mutex, without m->lock, as
// soon as the owner is 0.
static void
hand_over(struct mutex *m)
{
	struct thread *next;
	uint32_t owner = 0;

	acquire(&m->lock);
	next = wake_next(&m->waiters);
	if (next)
		owner = (uint32_t)next |
			(list_empty(&m->waiters.sleepers) ? 0 : WAITED);
	m->owner = owner;
	release(&m->lock);
}

void
mutex_unlock(struct mutex *m)
{
	struct thread *t = thread_this();

	assertf(mutex_holding(m), "%s", m->waiters.name);
	t->held &= ~m->held_as;
	if (!cas(&m->owner, (uint32_t)t, 0))
		hand_over(m);
}

bool
mutex_holding(const struct mutex *m)
{
	return (m->owner & ~WAITED) == (uint32_t)thread_this();
}
