// What the tests of threads share: a thread with a stack of its own.
#pragma once
#include "user/usertests.h"

enum { THREAD_STACK = 16384 };

// A thread that runs entry(arg) on a new stack; its number, or -1. The stack
// stays until the test ends.
static inline int
thread_spawn(void (*entry)(void *), void *arg)
{
	char *stack = mmap(NULL, THREAD_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(stack != MAP_FAILED);
	return thread_create(entry, arg, stack + THREAD_STACK, NULL);
}

// Such a thread, which must begin.
static inline int
must_spawn(void (*entry)(void *), void *arg)
{
	int tid = thread_spawn(entry, arg);

	CHECK(tid > 0);
	return tid;
}

// What such a thread may run: it ends with the value arg.
static inline void
exit_at_once(void *arg)
{
	thread_exit((int)arg);
}

static inline void
must_join(int tid)
{
	CHECK(thread_join(tid, NULL) == 0);
}
