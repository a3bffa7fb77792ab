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

// Catches: a join of oneself that waits for ever, of somebody else's thread, a
// second joiner, and a thread that is lost because its value has no place.
TEST(thread_join_errors)
{
	int value;
	int tid = must_spawn(begin_one, (void *)1);

	CHECK_ERROR(thread_join(gettid(), NULL), EDEADLK);
	CHECK_ERROR(thread_join(1, NULL), ESRCH);
	CHECK_ERROR(thread_join(0, NULL), ESRCH);
	CHECK_ERROR(thread_join(-1, NULL), ESRCH);
	CHECK_ERROR(thread_join(tid, (int *)0x70000000), EFAULT);
	CHECK_ERROR(thread_join(tid, (int *)0x80000000), EFAULT);
	CHECK(thread_join(tid, &value) == 0 && value == 101);
}

static void
sleep_long(void *arg)
{
	sleep(1000 * HZ);
	thread_exit(0);
}

static void
join_it(void *arg)
{
	thread_join((int)arg, NULL);
	thread_exit(0);
}

// Catches: two threads that both join a third one, and free it twice.
TEST(thread_join_once)
{
	int slow = must_spawn(sleep_long, NULL);

	must_spawn(join_it, (void *)slow);
	sleep(5);
	CHECK_ERROR(thread_join(slow, NULL), EINVAL);
}

// Catches: a joiner that misses the end of the thread that it waits for, and
// sleeps for ever; a thread that is freed while it is still on its stack.
TEST(thread_join_races)
{
	char *stack = mmap(NULL, 2 * THREAD_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int tid, value;

	for (int i = 0; i < 4000; i++) {
		tid = thread_create(exit_at_once, (void *)i,
				    stack + (i % 2 + 1) * THREAD_STACK, NULL);
		CHECK(tid > 0);
		for (volatile int n = i % 200 * 20; n > 0; n--)
			;
		CHECK(thread_join(tid, &value) == 0 && value == i);
	}
}

static int
count_threads(void)
{
	struct procinfo info;

	CHECK(find_process(getpid(), &info));
	return info.threads;
}

// Catches: a thread that begins without a stack, and a failed thread_create
// that leaves half a thread.
TEST(thread_create_errors)
{
	CHECK_ERROR(thread_create(sleep_long, NULL, NULL, NULL), EFAULT);
	CHECK_ERROR(thread_create(sleep_long, NULL, (void *)4, NULL), EFAULT);
	CHECK_ERROR(thread_create(sleep_long, NULL, (void *)0x70000000, NULL),
		    EFAULT);
	CHECK_ERROR(thread_create(sleep_long, NULL, (void *)0x80001000, NULL),
		    EFAULT);
	CHECK_ERROR(thread_create(sleep_long, NULL, (void *)-4, NULL), EFAULT);
	CHECK(count_threads() == 1);
	must_spawn(sleep_long, NULL);
	CHECK(count_threads() == 2);
}

// ---- Numbers and limits -----------------------------------------------------

static volatile int go;

static void
wait_to_go(void *arg)
{
	while (!go)
		futex_wait((int *)&go, 0, -1);
	thread_exit((int)arg);
}

// As many threads as there can be, at most `most`; then all end. Their count.
static int
fill_up(int most, int tid[])
{
	enum { STACK = 4096 };
	char *stacks = mmap(NULL, most * STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int n = 0, value;

	CHECK(stacks != MAP_FAILED);
	go = 0;
	while (n < most &&
	       (tid[n] = thread_create(wait_to_go, (void *)n,
				       stacks + (n + 1) * STACK, NULL)) > 0)
		n++;
	CHECK(n == most || errno == EAGAIN);
	CHECK(count_threads() == n + 1);
	go = 1;
	futex_wake((int *)&go, n);
	for (int i = 0; i < n; i++)
		CHECK(thread_join(tid[i], &value) == 0 && value == i);
	CHECK(munmap(stacks, most * STACK) == 0);
	return n;
}

// Catches: fewer threads than promised, a number or a stack that is not given
// back, and a machine that stops when they are all in use.
TEST(thread_limit)
{
	static int tid[NTHREAD + 1];
	int first = fill_up(NTHREAD + 1, tid), pages;

	CHECK(first >= 900 && first < NTHREAD);
	pages = frames_available();
	CHECK(fill_up(NTHREAD + 1, tid) >= first - 2);
	CHECK(frames_available() >= pages - 16);
}

// Catches: a fork that finds no number because threads have taken them, and
// that leaves half a process.
TEST(thread_limit_forks)
{
	static int tid[NTHREAD + 1];
	int pid = must_fork();

	if (pid == 0) {
		fill_up(NTHREAD + 1, tid);
		passed();
	}
	for (int i = 0; i < 200; i++) {
		int child = fork();

		if (child == 0)
			passed();
		if (child < 0)
			CHECK(errno == EAGAIN || errno == ENOMEM);
		else
			expect_passed(child);
	}
	expect_passed(pid);
}

static void
join_first(void *arg)
{
	int value;

	CHECK(thread_join(getpid(), &value) == 0 && value == 55);
	CHECK(gettid() != getpid() && count_threads() == 1);
	for (int i = 0; i < NTHREAD; i++) // nobody else gets the pid
		CHECK(run_child(passed) == WAIT_EXITED(TEST_PASSED));
	passed();
}

// Catches: a process that ends with its first thread, or whose number is given
// out again while its other threads run.
TEST(thread_first_ends)
{
	must_spawn(join_first, NULL);
	thread_exit(55);
}

// Catches: a process without threads that never becomes a zombie.
TEST_WANT(thread_last_ends, WAIT_EXITED(0))
{
	must_spawn(exit_at_once, (void *)3);
	thread_exit(4);
}

// ---- Registers --------------------------------------------------------------

static inline uint
gs_word(void)
{
	uint v;

	asm volatile("movl %%gs:0, %0" : "=r"(v));
	return v;
}

static inline void
gs_load(uint selector)
{
	asm volatile("movw %w0, %%gs" : : "r"(selector));
}

static inline uint
gs_selector(void)
{
	uint v;

	asm volatile("movl %%gs, %0" : "=r"(v));
	return v & 0xFFFF;
}

static void
use_gs(void *arg)
{
	uint mine = (uint)arg, selector = gs_selector();

	CHECK(selector != 0);
	for (int i = 0; i < 2000; i++) {
		CHECK(gs_word() == mine);
		yield();
		if (i % 100)
			continue;
		gs_load(0);
		sleep(i % 300 == 0);
		gs_load(selector);
	}
	thread_exit(0);
}

// Catches: a switch that leaves the former thread's %gs, or its base.
TEST(thread_gs)
{
	static uint block[8];
	char *stack;
	int tid[8];

	for (int i = 0; i < 8; i++) {
		block[i] = 1000 + i;
		stack = mmap(NULL, THREAD_STACK, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		tid[i] = thread_create(use_gs, (void *)(1000 + i),
				       stack + THREAD_STACK, &block[i]);
		CHECK(tid[i] > 0);
	}
	for (int i = 0; i < 2000; i++) {
		CHECK(gs_selector() == 0);
		yield();
	}
	for (int i = 0; i < 8; i++)
		must_join(tid[i]);
}

static void
read_gs(void *arg)
{
	gs_word();
	thread_exit(0);
}

// Catches: a thread that reads the kernel's memory by the base of its %gs.
TEST(thread_bad_gs_base)
{
	static const uint base[] = { 0x80100000, 0xFFFFF000, 0xFFFFFFFF,
				    0xFD000000, 0x70000000};
	static char stack[4096];

	for (uint i = 0; i < countof(base); i++) {
		int pid = must_fork();

		if (pid == 0) {
			int tid = thread_create(read_gs, NULL, stack + 4096,
						(void *)base[i]);

			CHECK(tid > 0);
			thread_join(tid, NULL);
			passed();
		}
		expect_status(pid, WAIT_KILLED(SIGSEGV));
	}
}

// Catches: a selector in %gs that stops the kernel at a switch.
TEST(thread_bad_gs_selector)
{
	for (int selector = 0; selector < 128; selector++) {
		int pid = must_fork(), status;

		if (pid == 0) {
			gs_load(selector);
			sleep(selector % 4 == 3);
			yield();
			passed();
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(status == WAIT_EXITED(TEST_PASSED) ||
		      status == WAIT_KILLED(SIGSEGV));
	}
}
