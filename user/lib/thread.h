// What the files of the library share about threads.
#pragma once
#include "user/pthread.h"
#include "user/user.h"

// A thread. %gs of a thread begins here, because the ABI wants errno at %gs:0.
// It stands at the top of the mapping that has the thread's stack:
//
//	map -> +---------+----------------------- - - --+----------------+
//	       | faults  |               <---- stack    | struct pthread |
//	       +---------+----------------------- - - --+----------------+
//
// The first thread has no %gs, and `first_thread` of pthread.c instead.
struct pthread {
	int error;              // its errno; the first thread has main_errno
	struct pthread *self;   // %gs:4
	int tid;                // [a] 0 until pthread_create knows it
	int state;              // [a] enum pthread_state
	void *(*start)(void *);
	void *arg;
	char *map;
	size_t len;             // of the mapping
	struct pthread *next;   // in a list of pthread.c
	struct {
		uint generation; // of the key when the value was set
		void *value;
	} own[PTHREAD_KEYS_MAX];
};

enum pthread_state { PTHREAD_JOINABLE, PTHREAD_DETACHED, PTHREAD_ENDED };

// Calls the destructors of the caller's values.
void thread_values_end(void);

// A lock for the library's own data. The word is 0, or 1 (locked), or 2
// (locked, and somebody may wait).
void lock_wait(int *word);
static inline void
lock_take(int *word)
{
	int free = 0;

	if (!__atomic_compare_exchange_n(word, &free, 1, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		lock_wait(word);
}

static inline void
lock_give(int *word)
{
	if (__atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST) == 2)
		futex_wake(word, 1);
}

// The locks that fork holds, so that its child finds no list half changed; and
// what the child calls first, or NULL before the first pthread_create.
extern int malloc_lock, pthread_lock;
extern void (*fork_begin_child)(void);
