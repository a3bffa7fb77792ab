// Condition variables. A waiter reads the count of events while it holds the
// mutex, and sleeps only if the count is still the same. So a signal between
// the unlock and the sleep is not lost.
#include "user/lib/thread.h"

int
pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *a)
{
	c->events = 0;
	return 0;
}

int
pthread_cond_destroy(pthread_cond_t *c)
{
	return 0;
}

static int
wait_ticks(pthread_cond_t *c, pthread_mutex_t *m, int ticks)
{
	int seen = __atomic_load_n(&c->events, __ATOMIC_SEQ_CST);
	int err = pthread_mutex_unlock(m);

	if (err)
		return err;
	if (futex_wait(&c->events, seen, ticks) < 0 && errno == ETIMEDOUT)
		err = ETIMEDOUT;
	pthread_mutex_lock(m);
	return err;
}

int
pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	return wait_ticks(c, m, -1);
}

#define TICKS	   100      // in a second
#define TICK_NANOS 10000000

int
pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m,
		       const struct timespec *until)
{
	uint nanos = until->tv_nsec;
	struct wall_time now;
	int left;

	if (nanos >= TICKS * TICK_NANOS)
		return EINVAL;
	gettime(&now);
	if (until->tv_sec < 0 || now.seconds > (uint)until->tv_sec)
		return ETIMEDOUT;
	if ((uint)until->tv_sec - now.seconds > INT32_MAX / TICKS - 1)
		return wait_ticks(c, m, INT32_MAX);
	left = (until->tv_sec - now.seconds) * TICKS -
	       now.nanoseconds / TICK_NANOS +
	       (nanos + TICK_NANOS - 1) / TICK_NANOS;
	return left > 0 ? wait_ticks(c, m, left) : ETIMEDOUT;
}

static int
wake_waiters(pthread_cond_t *c, int count)
{
	__atomic_add_fetch(&c->events, 1, __ATOMIC_SEQ_CST);
	futex_wake(&c->events, count);
	return 0;
}

int
pthread_cond_signal(pthread_cond_t *c)
{
	return wake_waiters(c, 1);
}

int
pthread_cond_broadcast(pthread_cond_t *c)
{
	return wake_waiters(c, INT32_MAX);
}
