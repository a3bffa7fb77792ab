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
