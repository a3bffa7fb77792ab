// Mutexes: a word that is 0 (free), 1 (locked) or 2 (locked, and somebody may
// wait). Only a lock of a locked mutex and an unlock of a word 2 need the
// kernel.
#include "user/lib/thread.h"

static bool
try_word(int *word)
{
	int free = 0;

	return __atomic_compare_exchange_n(word, &free, 1, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

int
pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *a)
{
	*m = (pthread_mutex_t){ .type = a ? a->type : PTHREAD_MUTEX_DEFAULT };
	return 0;
}

int
pthread_mutex_destroy(pthread_mutex_t *m)
{
	return __atomic_load_n(&m->word, __ATOMIC_SEQ_CST) ? EBUSY : 0;
}

// Only the owner itself can find its own name here, so no lock is needed.
static bool
is_mine(const pthread_mutex_t *m)
{
	return __atomic_load_n(&m->owner, __ATOMIC_SEQ_CST) == pthread_self();
}

// What a second lock by the owner does: 0 if it counts.
static int
lock_again(pthread_mutex_t *m, int err)
{
	if (m->type != PTHREAD_MUTEX_RECURSIVE)
		return err;
	if (m->count == UINT32_MAX)
		return EAGAIN;
	m->count++;
	return 0;
}

int
pthread_mutex_lock(pthread_mutex_t *m)
{
	if (m->type == PTHREAD_MUTEX_NORMAL) {
		lock_take(&m->word);
		return 0;
	}
	if (is_mine(m))
		return lock_again(m, EDEADLK);
	lock_take(&m->word);
	__atomic_store_n(&m->owner, pthread_self(), __ATOMIC_SEQ_CST);
	return 0;
}

int
pthread_mutex_trylock(pthread_mutex_t *m)
{
	if (m->type == PTHREAD_MUTEX_NORMAL)
		return try_word(&m->word) ? 0 : EBUSY;
	if (is_mine(m))
		return lock_again(m, EBUSY);
	if (!try_word(&m->word))
		return EBUSY;
	__atomic_store_n(&m->owner, pthread_self(), __ATOMIC_SEQ_CST);
	return 0;
}

int
pthread_mutex_unlock(pthread_mutex_t *m)
{
	if (m->type != PTHREAD_MUTEX_NORMAL) {
		if (!is_mine(m))
			return EPERM;
		if (m->count > 0) {
			m->count--;
			return 0;
		}
		__atomic_store_n(&m->owner, NULL, __ATOMIC_SEQ_CST);
	}
	lock_give(&m->word);
	return 0;
}

int
pthread_mutexattr_init(pthread_mutexattr_t *a)
{
	a->type = PTHREAD_MUTEX_DEFAULT;
	return 0;
}

int
pthread_mutexattr_destroy(pthread_mutexattr_t *a)
{
	return 0;
}

int
pthread_mutexattr_settype(pthread_mutexattr_t *a, int type)
{
	if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
		return EINVAL;
	a->type = type;
	return 0;
}

int
pthread_mutexattr_gettype(const pthread_mutexattr_t *a, int *type)
{
	*type = a->type;
	return 0;
}
