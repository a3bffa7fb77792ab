// Threads of POSIX, as far as cr3 has them: threads, mutexes, condition
// variables, semaphores, once, and values of one's own by key.
//
//	static void *
//	work(void *arg)
//	{
//		return arg;
//	}
//
//	pthread_t t;
//	void *result;
//
//	pthread_create(&t, NULL, work, "hello");
//	pthread_join(t, &result);
//
// The functions return 0 or an error number of abi/errno.h. Only the sem_
// functions return -1 with the reason in errno, as POSIX has it. What is not
// here: cancellation, priorities, and mutexes with an owner that several
// processes share. A plain mutex, a condition variable and a semaphore work in
// shared memory too.
//
// malloc, printf and errno may be used by all threads at once. After fork the
// child has one thread, a copy of the caller.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "user/include/time.h"

// ---- Threads ---------------------------------------------------------------

typedef struct pthread *pthread_t;

typedef struct {
	size_t stack;  // bytes
	bool detached;
} pthread_attr_t;

enum { PTHREAD_CREATE_JOINABLE, PTHREAD_CREATE_DETACHED };
#define PTHREAD_STACK_MIN     8192
#define PTHREAD_STACK_DEFAULT (128 * 1024)

// Starts a thread that runs start(arg); its id goes to *t before the thread
// runs. A stack has a page below it that faults. attr NULL: a joinable thread
// with a stack of PTHREAD_STACK_DEFAULT bytes. EAGAIN: no memory, or too many
// threads.
int pthread_create(pthread_t *t, const pthread_attr_t *attr,
		   void *(*start)(void *), void *arg);
// Ends the caller. A return from `start` does the same. The process ends with
// its last thread, with status 0.
__attribute__((noreturn)) void pthread_exit(void *result);
// Waits until t has ended, and frees it. result may be NULL. EDEADLK (t is the
// caller), EINVAL (t is detached, or another thread joins it).
int pthread_join(pthread_t t, void **result);
// From now on t frees itself when it ends; nobody may join it. EINVAL.
int pthread_detach(pthread_t t);
pthread_t pthread_self(void);
int pthread_equal(pthread_t a, pthread_t b);
// Lets other threads run first.
int sched_yield(void);

int pthread_attr_init(pthread_attr_t *a);
int pthread_attr_destroy(pthread_attr_t *a);
// EINVAL: below PTHREAD_STACK_MIN.
int pthread_attr_setstacksize(pthread_attr_t *a, size_t size);
int pthread_attr_getstacksize(const pthread_attr_t *a, size_t *size);
int pthread_attr_setdetachstate(pthread_attr_t *a, int state); // EINVAL
int pthread_attr_getdetachstate(const pthread_attr_t *a, int *state);

// ---- Mutexes ---------------------------------------------------------------

typedef struct {
	int word;        // 0 free, 1 locked, 2 locked and somebody may wait
	int type;        // PTHREAD_MUTEX_...
	pthread_t owner; // of the types that know their owner
	unsigned int count;    // how often a recursive mutex is locked besides
} pthread_mutex_t;

typedef struct {
	int type;
} pthread_mutexattr_t;

enum {
	PTHREAD_MUTEX_NORMAL,     // a second lock by its owner waits for ever
	PTHREAD_MUTEX_RECURSIVE,  // the owner may lock again
	PTHREAD_MUTEX_ERRORCHECK, // a second lock fails with EDEADLK
	PTHREAD_MUTEX_DEFAULT = PTHREAD_MUTEX_NORMAL,
};
#define PTHREAD_MUTEX_INITIALIZER { 0, PTHREAD_MUTEX_NORMAL, NULL, 0 }

int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *a);
int pthread_mutex_destroy(pthread_mutex_t *m);  // EBUSY: locked
int pthread_mutex_lock(pthread_mutex_t *m);     // EDEADLK
int pthread_mutex_trylock(pthread_mutex_t *m);  // EBUSY
// EPERM: a mutex that knows its owner is not the caller's.
int pthread_mutex_unlock(pthread_mutex_t *m);
int pthread_mutexattr_init(pthread_mutexattr_t *a);
int pthread_mutexattr_destroy(pthread_mutexattr_t *a);
int pthread_mutexattr_settype(pthread_mutexattr_t *a, int type); // EINVAL
int pthread_mutexattr_gettype(const pthread_mutexattr_t *a, int *type);

// ---- Condition variables ---------------------------------------------------

typedef struct {
	int events; // counts the signals; the waiters sleep on it
} pthread_cond_t;

typedef struct {
	int nothing;
} pthread_condattr_t;

#define PTHREAD_COND_INITIALIZER { 0 }

int pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *a);
int pthread_cond_destroy(pthread_cond_t *c);
// Unlocks m, waits for a signal, locks m again. It may return without a signal:
// look at the condition in a loop.
int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m);
// The same until a time of day (gettime, CLOCK_REALTIME). ETIMEDOUT.
int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m,
			   const struct timespec *until);
int pthread_cond_signal(pthread_cond_t *c);
int pthread_cond_broadcast(pthread_cond_t *c);

// ---- Semaphores ------------------------------------------------------------

typedef struct {
	int word; // twice the value; 1 more once somebody has waited
} sem_t;

#define SEM_VALUE_MAX 0x3fffffff

int sem_init(sem_t *s, int shared, unsigned int value); // EINVAL
int sem_destroy(sem_t *s);
int sem_wait(sem_t *s);
int sem_trywait(sem_t *s); // EAGAIN
int sem_post(sem_t *s);    // EOVERFLOW
int sem_getvalue(sem_t *s, int *value);

// ---- Once ------------------------------------------------------------------

typedef struct {
	int word; // 0 not yet, 1 running, 2 running and somebody waits, 3 done
} pthread_once_t;

#define PTHREAD_ONCE_INIT { 0 }

// The first call runs start(); every call returns when start() has ended.
int pthread_once(pthread_once_t *o, void (*start)(void));

// ---- Values of a thread ----------------------------------------------------

typedef unsigned int pthread_key_t;

#define PTHREAD_KEYS_MAX	      128
#define PTHREAD_DESTRUCTOR_ITERATIONS 4

// A key under which each thread has a value of its own, NULL at first. If
// destroy is not NULL, a thread that ends calls it with its value, if that is
// not NULL. EAGAIN: there are PTHREAD_KEYS_MAX keys.
int pthread_key_create(pthread_key_t *k, void (*destroy)(void *));
int pthread_key_delete(pthread_key_t k); // EINVAL
int pthread_setspecific(pthread_key_t k, const void *value); // EINVAL
void *pthread_getspecific(pthread_key_t k);
