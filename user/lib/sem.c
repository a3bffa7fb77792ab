// Semaphores and pthread_once: a word, and a futex to sleep on it.
//
// A semaphore's word is twice its value. Bit 0 says that somebody has waited;
// it stays, because a sem_post that looked at the semaphore again after its
// change might find it freed by the thread that it let go.
#include "user/lib/thread.h"

int
sem_init(sem_t *s, int shared, unsigned int value)
{
	if (value > SEM_VALUE_MAX) {
		errno = EINVAL;
		return -1;
	}
	s->word = value * 2;
	return 0;
}

int
sem_destroy(sem_t *s)
{
	return 0;
}

static bool
change_word(int *word, int from, int to)
{
	return __atomic_compare_exchange_n(word, &from, to, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static int
word_of(const int *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

int
sem_trywait(sem_t *s)
{
	int w;

	do {
		w = word_of(&s->word);
		if (w < 2) {
			errno = EAGAIN;
			return -1;
		}
	} while (!change_word(&s->word, w, w - 2));
	return 0;
}

int
sem_wait(sem_t *s)
{
	int saved = errno;

	while (sem_trywait(s) < 0) {
		change_word(&s->word, 0, 1);
		futex_wait(&s->word, 1, -1);
	}
	errno = saved;
	return 0;
}

int
sem_post(sem_t *s)
{
	int w;

	do {
		w = word_of(&s->word);
		if (w / 2 == SEM_VALUE_MAX) {
			errno = EOVERFLOW;
			return -1;
		}
	} while (!change_word(&s->word, w, w + 2));
	if (w & 1)
		futex_wake(&s->word, 1);
	return 0;
}

int
sem_getvalue(sem_t *s, int *value)
{
	*value = word_of(&s->word) / 2;
	return 0;
}

// ---- Once ------------------------------------------------------------------

enum { ONCE_NOT_YET, ONCE_RUNS, ONCE_AWAITED, ONCE_DONE };

int
pthread_once(pthread_once_t *o, void (*start)(void))
{
	if (word_of(&o->word) == ONCE_DONE)
		return 0;
	if (change_word(&o->word, ONCE_NOT_YET, ONCE_RUNS)) {
		start();
		if (__atomic_exchange_n(&o->word, ONCE_DONE,
					__ATOMIC_SEQ_CST) == ONCE_AWAITED)
			futex_wake(&o->word, INT32_MAX);
		return 0;
	}
	while (word_of(&o->word) != ONCE_DONE) {
		change_word(&o->word, ONCE_RUNS, ONCE_AWAITED);
		futex_wait(&o->word, ONCE_AWAITED, -1);
	}
	return 0;
}
