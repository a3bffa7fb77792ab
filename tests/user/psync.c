// Mutexes, condition variables, semaphores and pthread_once of the library.
#include "usertests.h"
#include "pthread.h"

enum { WORKERS = 4, ROUNDS = 5000 };

static void
run_workers(void *(*work)(void *))
{
	pthread_t t[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_create(&t[i], NULL, work, (void *)i) == 0);
	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
}

// ---- Mutexes ----------------------------------------------------------------

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile int counter;

static void *
count(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		CHECK(pthread_mutex_lock(&mutex) == 0);
		int n = counter;

		if (i % 100 == 0)
			sched_yield();
		counter = n + 1;
		CHECK(pthread_mutex_unlock(&mutex) == 0);
	}
	return NULL;
}

// Catches: a mutex that two threads hold, and a wakeup that is lost (the test
// would not end).
TEST(pthread_mutex)
{
	run_workers(count);
	CHECK(counter == WORKERS * ROUNDS);
	CHECK(pthread_mutex_destroy(&mutex) == 0);
}

static void *
try_mutex(void *m)
{
	CHECK(pthread_mutex_trylock(m) == EBUSY);
	return NULL;
}

static void
try_in_thread(pthread_mutex_t *m)
{
	pthread_t t;

	CHECK(pthread_create(&t, NULL, try_mutex, m) == 0);
	CHECK(pthread_join(t, NULL) == 0);
}

static void *
unlock_foreign(void *m)
{
	CHECK(pthread_mutex_unlock(m) == EPERM);
	return NULL;
}

static void
init_mutex(pthread_mutex_t *m, int type)
{
	pthread_mutexattr_t a;

	CHECK(pthread_mutexattr_init(&a) == 0);
	CHECK(pthread_mutexattr_settype(&a, 17) == EINVAL);
	CHECK(pthread_mutexattr_settype(&a, type) == 0);
	CHECK(pthread_mutex_init(m, &a) == 0);
}

// Catches: a recursive mutex that its first unlock frees.
TEST(pthread_mutex_recursive)
{
	pthread_mutex_t m;

	init_mutex(&m, PTHREAD_MUTEX_RECURSIVE);
	CHECK(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == 0);
	CHECK(pthread_mutex_trylock(&m) == 0);
	CHECK(pthread_mutex_unlock(&m) == 0 && pthread_mutex_unlock(&m) == 0);
	try_in_thread(&m);
	CHECK(pthread_mutex_destroy(&m) == EBUSY);
	CHECK(pthread_mutex_unlock(&m) == 0);
	CHECK(pthread_mutex_unlock(&m) == EPERM);
	CHECK(pthread_mutex_destroy(&m) == 0);
}

// Catches: an error-checking mutex that waits for its owner, or that another
// thread may unlock.
TEST(pthread_mutex_errorcheck)
{
	pthread_mutex_t m;
	pthread_t t;

	init_mutex(&m, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_unlock(&m) == EPERM);
	CHECK(pthread_mutex_lock(&m) == 0);
	CHECK(pthread_mutex_lock(&m) == EDEADLK);
	CHECK(pthread_mutex_trylock(&m) == EBUSY);
	CHECK(pthread_create(&t, NULL, unlock_foreign, &m) == 0);
	CHECK(pthread_join(t, NULL) == 0);
	CHECK(pthread_mutex_unlock(&m) == 0);
}

// ---- Condition variables ----------------------------------------------------

enum { ROOM = 3 };
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER,
		      not_empty = PTHREAD_COND_INITIALIZER;
static int ring[ROOM], held, sum;

static void
put(int value)
{
	pthread_mutex_lock(&mutex);
	while (held == ROOM)
		CHECK(pthread_cond_wait(&not_full, &mutex) == 0);
	ring[held++] = value;
	pthread_cond_signal(&not_empty);
	pthread_mutex_unlock(&mutex);
}

static int
get(void)
{
	int value;

	pthread_mutex_lock(&mutex);
	while (held == 0)
		CHECK(pthread_cond_wait(&not_empty, &mutex) == 0);
	value = ring[--held];
	pthread_cond_signal(&not_full);
	pthread_mutex_unlock(&mutex);
	return value;
}

static void *
produce_or_consume(void *arg)
{
	for (int i = 1; i <= 500; i++) {
		if ((int)arg % 2)
			put(i);
		else
			__atomic_add_fetch(&sum, get(), __ATOMIC_SEQ_CST);
	}
	return NULL;
}

// Catches: a signal between the unlock and the sleep that is lost.
TEST(pthread_cond_buffer)
{
	run_workers(produce_or_consume);
	CHECK(held == 0 && sum == WORKERS / 2 * 500 * 501 / 2);
}

static bool go;
static int waiting;

static void *
wait_for_go(void *arg)
{
	pthread_mutex_lock(&mutex);
	waiting++;
	while (!go)
		CHECK(pthread_cond_wait(&not_empty, &mutex) == 0);
	waiting--;
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void *
give_go(void *arg)
{
	int n;

	do {
		sched_yield();
		pthread_mutex_lock(&mutex);
		n = waiting;
		go = n == WORKERS;
		pthread_mutex_unlock(&mutex);
	} while (n < WORKERS);
	CHECK(pthread_cond_broadcast(&not_empty) == 0);
	return NULL;
}

// Catches: a broadcast that wakes only one thread.
TEST(pthread_cond_broadcast)
{
	pthread_t t;

	CHECK(pthread_create(&t, NULL, give_go, NULL) == 0);
	run_workers(wait_for_go);
	CHECK(pthread_join(t, NULL) == 0 && waiting == 0);
}

// Catches: a wait with a time that ends too early, never, or without the mutex.
TEST(pthread_cond_timeout)
{
	pthread_mutex_t m;
	struct timespec until;
	struct wall_time now;
	int end = uptime() + 20;

	CHECK(gettime(&now) == 0);
	until.tv_sec = now.seconds + (now.nanoseconds >= 800000000);
	until.tv_nsec = (now.nanoseconds + 200000000) % 1000000000;
	init_mutex(&m, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_lock(&m) == 0);
	while (pthread_cond_timedwait(&not_full, &m, &until) != ETIMEDOUT)
		CHECK(uptime() <= end + 1);
	CHECK(uptime() >= end);
	CHECK(pthread_cond_timedwait(&not_full, &m, &until) == ETIMEDOUT);
	until.tv_nsec = 1000000000;
	CHECK(pthread_cond_timedwait(&not_full, &m, &until) == EINVAL);
	CHECK(pthread_mutex_unlock(&m) == 0);
	CHECK(pthread_cond_wait(&not_full, &m) == EPERM);
}

// ---- Semaphores -------------------------------------------------------------

static sem_t ping, pong;

static void *
answer(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		CHECK(sem_wait(&ping) == 0);
		counter++;
		CHECK(sem_post(&pong) == 0);
	}
	return NULL;
}

// Catches: a post or a wait that is lost or counts twice.
TEST(pthread_sem)
{
	pthread_t t;
	int value;

	CHECK(sem_init(&ping, 0, 0) == 0 && sem_init(&pong, 0, 0) == 0);
	CHECK_ERROR(sem_init(&pong, 0, SEM_VALUE_MAX + 1u), EINVAL);
	CHECK(pthread_create(&t, NULL, answer, NULL) == 0);
	for (int i = 0; i < 1000; i++) {
		CHECK(counter == i);
		CHECK(sem_post(&ping) == 0 && sem_wait(&pong) == 0);
	}
	CHECK(pthread_join(t, NULL) == 0);
	CHECK_ERROR(sem_trywait(&pong), EAGAIN);
	CHECK(sem_post(&pong) == 0 && sem_post(&pong) == 0);
	CHECK(sem_getvalue(&pong, &value) == 0 && value == 2);
	CHECK(sem_trywait(&pong) == 0 && sem_trywait(&pong) == 0);
	CHECK(sem_init(&ping, 0, SEM_VALUE_MAX) == 0);
	CHECK_ERROR(sem_post(&ping), EOVERFLOW);
}

struct in_common {
	sem_t ready;
	pthread_mutex_t m;
	int n;
};

static void
count_in_common(struct in_common *c)
{
	for (int i = 0; i < 2000; i++) {
		pthread_mutex_lock(&c->m);
		c->n++;
		pthread_mutex_unlock(&c->m);
	}
}

// Catches: a futex whose key is the address and not the memory: processes that
// share memory would not wake each other.
TEST(pthread_shared)
{
	struct in_common *c = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int pid;

	CHECK(c != MAP_FAILED);
	pid = must_fork();
	if (pid == 0) {
		CHECK(sem_wait(&c->ready) == 0);
		count_in_common(c);
		passed();
	}
	wait_until_asleep(pid);
	CHECK(sem_post(&c->ready) == 0);
	count_in_common(c);
	expect_passed(pid);
	CHECK(c->n == 4000);
}

// ---- Once -------------------------------------------------------------------

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int starts;

static void
start_slowly(void)
{
	sleep(2);
	starts++;
}

static void *
call_once(void *arg)
{
	CHECK(pthread_once(&once, start_slowly) == 0);
	CHECK(starts == 1);
	return NULL;
}

// Catches: a start that runs twice, or a call that returns before its end.
TEST(pthread_once)
{
	run_workers(call_once);
	CHECK(pthread_once(&once, start_slowly) == 0 && starts == 1);
}
