// The thread library: threads, values of their own, errno, malloc among
// threads.
#include "usertests.h"
#include "pthread.h"

enum { WORKERS = 4 };

static void *
give_back(void *arg)
{
	return arg;
}

// Catches: a thread that does not get its argument, a join that loses the
// result, and the errors of join and detach.
TEST(pthread_result)
{
	pthread_t t;
	void *result = NULL;

	for (int i = 1; i <= 200; i++) {
		CHECK(pthread_create(&t, NULL, give_back, (void *)i) == 0);
		CHECK(!pthread_equal(t, pthread_self()));
		CHECK(pthread_join(t, &result) == 0 && result == (void *)i);
	}
	CHECK(pthread_join(pthread_self(), NULL) == EDEADLK);
	CHECK(pthread_detach(pthread_self()) == 0);
	CHECK(pthread_detach(pthread_self()) == EINVAL);
}

static void *
check_self(void *arg)
{
	pthread_t *made = arg;
	int local;

	CHECK(pthread_equal(pthread_self(), *made));
	// The first argument of a function stands at 8 bytes from a multiple of
	// 16, as the i386 ABI has it.
	CHECK(((uint)__builtin_frame_address(0) + 8) % 16 == 0 ||
	      ((uint)&local & 3) == 0);
	return NULL;
}

// Catches: a pthread_self that differs from what pthread_create gave.
TEST(pthread_self)
{
	pthread_t t[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_create(&t[i], NULL, check_self, &t[i]) == 0);
	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
}

// ---- errno ------------------------------------------------------------------

static void *
fail_often(void *arg)
{
	bool odd = (int)arg & 1;

	for (int i = 0; i < 2000; i++) {
		if (odd)
			CHECK_ERROR(close(99), EBADF);
		else
			CHECK_ERROR(chdir("/nowhere"), ENOENT);
	}
	return NULL;
}

// Catches: an errno that threads share.
TEST(pthread_errno)
{
	pthread_t t[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_create(&t[i], NULL, fail_often, (void *)i) == 0);
	for (int i = 0; i < 2000; i++)
		CHECK_ERROR(kill(0), EINVAL);
	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
}

// ---- How threads and processes end ------------------------------------------

static void *
end_process(void *arg)
{
	exit(7);
}

static void
wait_for_end(void)
{
	pthread_t t;

	CHECK(pthread_create(&t, NULL, end_process, NULL) == 0);
	for (;;)
		sleep(100);
}

// Catches: an exit in a thread that ends only the thread.
TEST(pthread_exit_process)
{
	CHECK(run_child(wait_for_end) == WAIT_EXITED(7));
}

static int shared_pipe[2];

static void *
write_later(void *arg)
{
	sleep(2);
	CHECK(write(shared_pipe[1], "x", 1) == 1);
	return NULL;
}

static void
first_thread_ends(void)
{
	pthread_t t;

	CHECK(pthread_create(&t, NULL, write_later, NULL) == 0);
	pthread_exit(NULL);
}

// Catches: a process that ends with its first thread, or has another status
// than 0 if all its threads just end.
TEST(pthread_exit_first)
{
	char c;

	CHECK(pipe(shared_pipe) == 0);
	CHECK(run_child(first_thread_ends) == WAIT_EXITED(0));
	CHECK(read(shared_pipe[0], &c, 1) == 1 && c == 'x');
}

static void *
grow_down(void *arg)
{
	volatile char *low = (char *)pthread_self() - PTHREAD_STACK_DEFAULT;

	CHECK((char *)&low > low);
	low[0] = 1; // the last byte of the stack
	low[(int)arg] = 1;
	return NULL;
}

static void
overflow_in_thread(void)
{
	pthread_t t;

	CHECK(pthread_create(&t, NULL, grow_down, (void *)0) == 0);
	CHECK(pthread_join(t, NULL) == 0);
	CHECK(pthread_create(&t, NULL, grow_down, (void *)-1) == 0);
	pthread_join(t, NULL);
}

// Catches: a stack without a page below it that faults: a deep recursion would
// write into the next mapping.
TEST(pthread_stack_overflow)
{
	CHECK(run_child(overflow_in_thread) == WAIT_KILLED(SIGSEGV));
}

static int ended;

static void *
count_end(void *arg)
{
	__atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void
wait_for_count(int n)
{
	while (__atomic_load_n(&ended, __ATOMIC_SEQ_CST) < n)
		sched_yield();
}

// Catches: a detached thread whose stack or id nobody frees: ids or memory
// would run out.
TEST(pthread_detached)
{
	pthread_attr_t a;
	pthread_t t;

	CHECK(pthread_attr_init(&a) == 0);
	CHECK(pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED) == 0);
	CHECK(pthread_attr_setstacksize(&a, 100) == EINVAL);
	CHECK(pthread_attr_setstacksize(&a, 16384) == 0);
	for (int i = 0; i < 1500; i++) {
		CHECK(pthread_create(&t, &a, count_end, NULL) == 0);
		wait_for_count(i + 1);
	}
	for (int i = 0; i < 200; i++) {
		CHECK(pthread_create(&t, NULL, count_end, NULL) == 0);
		CHECK(pthread_detach(t) == 0);
	}
	wait_for_count(1700);
}

// ---- Values by key ----------------------------------------------------------

static pthread_key_t key;
static int destroyed;

static void
destroy_twice(void *value)
{
	__atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
	if ((int)value > 1)
		pthread_setspecific(key, (void *)((int)value - 1));
}

static void *
use_key(void *arg)
{
	CHECK(!pthread_getspecific(key));
	CHECK(pthread_setspecific(key, arg) == 0);
	for (int i = 0; i < 100; i++) {
		sched_yield();
		CHECK(pthread_getspecific(key) == arg);
	}
	return NULL;
}

// Catches: values that threads share, a destructor that is not called, or not
// called again when it has set a value.
TEST(pthread_keys)
{
	pthread_t t[WORKERS];

	CHECK(pthread_key_create(&key, destroy_twice) == 0);
	CHECK(pthread_setspecific(key, "main") == 0);
	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_create(&t[i], NULL, use_key, (void *)2) == 0);
	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
	CHECK(destroyed == 2 * WORKERS);
	CHECK(strcmp(pthread_getspecific(key), "main") == 0);
}

// Catches: a new key that finds the value of a deleted one, and a key too many.
TEST(pthread_key_again)
{
	pthread_key_t k, more;
	int n = 0;

	CHECK(pthread_key_create(&k, NULL) == 0);
	CHECK(pthread_setspecific(k, "old") == 0);
	CHECK(pthread_key_delete(k) == 0 && pthread_key_delete(k) == EINVAL);
	CHECK(pthread_setspecific(k, "old") == EINVAL);
	CHECK(pthread_key_create(&more, NULL) == 0 && more == k);
	CHECK(!pthread_getspecific(more));
	while (pthread_key_create(&more, NULL) == 0)
		n++;
	CHECK(n == PTHREAD_KEYS_MAX - 1);
	CHECK(!pthread_getspecific(PTHREAD_KEYS_MAX));
}

// ---- malloc -----------------------------------------------------------------

enum { BLOCKS = 32 };

static bool
filled(const uchar *p, size_t n, uchar with)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != with)
			return false;
	return true;
}

static void *
use_heap(void *arg)
{
	uint seed = (uint)arg * 7919 + 1;
	uchar *block[BLOCKS] = { NULL };
	size_t size[BLOCKS];

	for (int i = 0; i < 60000; i++) {
		uint k = (seed = seed * 1103515245 + 12345) / 65536 % BLOCKS;

		if (block[k]) {
			CHECK(filled(block[k], size[k], (uint)arg));
			free(block[k]);
			block[k] = NULL;
			continue;
		}
		size[k] = seed / 7 % 24;
		block[k] = malloc(size[k]);
		CHECK(block[k]);
		memset(block[k], (uint)arg, size[k]);
	}
	for (int k = 0; k < BLOCKS; k++)
		free(block[k]);
	return NULL;
}

// Catches: a heap whose lists two threads change at once.
TEST(pthread_malloc)
{
	pthread_t t[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_create(&t[i], NULL, use_heap, (void *)i) == 0);
	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
}

static bool stop;

static void *
use_heap_on(void *arg)
{
	while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
		free(malloc(100));
	return NULL;
}

// Catches: a fork while another thread has the heap's lock: the child's malloc
// would wait for a thread that does not exist there.
TEST(pthread_fork_malloc)
{
	pthread_t t;
	void *result;

	CHECK(pthread_create(&t, NULL, use_heap_on, NULL) == 0);
	for (int i = 0; i < 40; i++) {
		int pid = must_fork();

		if (pid == 0) {
			free(malloc(10));
			CHECK(pthread_create(&t, NULL, give_back, &pid) == 0);
			CHECK(pthread_join(t, &result) == 0 && result == &pid);
			passed();
		}
		expect_passed(pid);
	}
	__atomic_store_n(&stop, true, __ATOMIC_SEQ_CST);
	CHECK(pthread_join(t, NULL) == 0);
}

static void *
fork_in_thread(void *arg)
{
	int pid = must_fork();

	if (pid == 0) {
		CHECK_ERROR(close(99), EBADF);
		CHECK(gettid() == getpid());
		passed();
	}
	expect_passed(pid);
	return NULL;
}

// Catches: a child of a thread's fork that has lost its own errno (its %gs).
TEST(pthread_fork_thread)
{
	pthread_t t;

	CHECK(pthread_create(&t, NULL, fork_in_thread, NULL) == 0);
	CHECK(pthread_join(t, NULL) == 0);
}
