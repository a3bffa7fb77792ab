// Threads: they begin, end, are joined, and share their process's memory.
#include "threads.h"

static volatile int seen[8];

static void
begin_one(void *arg)
{
	int n = (int)arg;

	seen[n] = gettid();
	thread_exit(100 + n);
}

// Catches: a thread that begins with another argument than the one it was
// given, that gets a wrong number, or whose value does not reach its joiner.
TEST(thread_join_value)
{
	int tid[8], value;

	CHECK(gettid() == getpid());
	for (int i = 0; i < 8; i++) {
		tid[i] = thread_spawn(begin_one, (void *)i);
		CHECK(tid[i] > 0 && tid[i] != getpid());
	}
	for (int i = 7; i >= 0; i--) {
		value = -1;
		CHECK(thread_join(tid[i], &value) == 0);
		CHECK(value == 100 + i && seen[i] == tid[i]);
	}
	for (int i = 0; i < 8; i++)
		CHECK_ERROR(thread_join(tid[i], NULL), ESRCH);
}

// ---- Futexes ----------------------------------------------------------------

static int word;

static void
wait_for_word(void *arg)
{
	while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 0)
		futex_wait(&word, 0, -1);
	thread_exit(7);
}

// Catches: a futex_wake that misses its waiter, or wakes more than it was asked
// to, and the errors of both calls.
TEST(futex_wake_counts)
{
	int tid[5], value, woken = 0;

	word = 0;
	CHECK_ERROR(futex_wait(&word, 1, -1), EAGAIN);
	CHECK_ERROR(futex_wait(&word, 0, 0), ETIMEDOUT);
	CHECK_ERROR(futex_wait(&word, 0, 2), ETIMEDOUT);
	CHECK_ERROR(futex_wait((int *)((char *)&word + 1), 0, 0), EINVAL);
	CHECK_ERROR(futex_wait((int *)0x70000000, 0, 0), EFAULT);
	CHECK_ERROR(futex_wait((int *)0x80000000, 0, 0), EFAULT);
	CHECK_ERROR(futex_wake((int *)((char *)&word + 2), 1), EINVAL);
	CHECK_ERROR(futex_wake((int *)0x70000000, 1), EFAULT);
	CHECK_ERROR(futex_wake(&word, -1), EINVAL);
	CHECK(futex_wake(&word, 1) == 0);
	for (int i = 0; i < 5; i++)
		tid[i] = must_spawn(wait_for_word, NULL);
	while (futex_wake(&word, 0) == 0 && woken < 3) {
		woken += futex_wake(&word, 1); // they see 0 and sleep again
		sleep(1);
	}
	word = 1;
	futex_wake(&word, 1000);
	for (int i = 0; i < 5; i++)
		CHECK(thread_join(tid[i], &value) == 0 && value == 7);
	CHECK(futex_wake(&word, 1000) == 0);
}
