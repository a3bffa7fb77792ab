// Futexes: sleeping until another thread, or another process, has changed a
// word.
#include "threads.h"

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

// A word that a child shares.
static int *
shared_word(void)
{
	int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

// Wakes until one is woken: the other may not sleep yet.
static void
wake_soon(int *at)
{
	int n = 0;

	for (int i = 0; i < 10 * HZ && n == 0; i++) {
		n = futex_wake(at, 1);
		sleep(n == 0);
	}
	CHECK(n == 1);
}

// Catches: a futex that does not reach another process: in shared memory, and
// in a file that the two have mapped at different addresses.
TEST(futex_between_processes)
{
	int fd, pid, *mine, *shared = shared_word();

	pid = must_fork();
	if (pid == 0) {
		CHECK(futex_wait(shared + 5, 0, -1) == 0);
		passed();
	}
	CHECK(futex_wake(shared + 4, 1) == 0);
	wake_soon(shared + 5);
	expect_passed(pid);

	make_file("word", "0123456789abcdef");
	fd = open("word", O_RDWR);
	CHECK(ftruncate(fd, 8192) == 0);
	mine = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(mine != MAP_FAILED);
	pid = must_fork();
	if (pid == 0) {
		int *other = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);

		CHECK(futex_wait(other, 0, -1) == 0);
		passed();
	}
	wake_soon(mine + 1024);
	expect_passed(pid);
}

// Catches: private memory of two processes that counts as one word because it
// has one frame, or one address, after a fork.
TEST(futex_private_after_fork)
{
	int pid = must_fork();

	if (pid == 0) {
		CHECK_ERROR(futex_wait(&word, 0, 20), ETIMEDOUT);
		passed();
	}
	wait_until_asleep(pid);
	for (int i = 0; i < 5; i++) {
		CHECK(futex_wake(&word, 10) == 0);
		sleep(1);
	}
	expect_passed(pid);
}

// Catches: a waiter that is known by its page's frame: fork shares the page,
// the write of the new value copies it, and the wakeup looks elsewhere.
TEST(futex_across_copy)
{
	for (int i = 0; i < 30; i++) {
		int tid, pid, value;

		word = 0;
		tid = must_spawn(wait_for_word, NULL);
		sleep(1);
		pid = must_fork();
		if (pid == 0) {
			sleep(2);
			passed();
		}
		word = 1;
		wake_soon(&word);
		CHECK(thread_join(tid, &value) == 0 && value == 7);
		expect_passed(pid);
	}
}

static int *gone;
static volatile int waiting;

static void
wait_for_gone(void *arg)
{
	int r = futex_wait(gone, 0, (int)arg);

	thread_exit(r == 0 ? 0 : errno);
}

static int *
map_word(void *at)
{
	return mmap(at, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);
}

// Catches: a waiter whose page another thread unmaps: it must neither be lost,
// nor read a page that is gone.
TEST(futex_unmapped)
{
	int tid, value;

	gone = map_word(NULL);
	tid = must_spawn(wait_for_gone, (void *)10);
	sleep(2);
	CHECK(munmap(gone, 4096) == 0);
	CHECK_ERROR(futex_wake(gone, 1), EFAULT);
	CHECK(thread_join(tid, &value) == 0 && value == ETIMEDOUT);

	CHECK(map_word(gone) == gone);
	tid = must_spawn(wait_for_gone, (void *)-1);
	sleep(2);
	CHECK(munmap(gone, 4096) == 0);
	CHECK(map_word(gone) == gone);
	wake_soon(gone);
	CHECK(thread_join(tid, &value) == 0 && value == 0);
}

static void
wait_often(void *arg)
{
	while (!waiting)
		futex_wait(gone, 0, 1);
	thread_exit(0);
}

// Catches: a page that vanishes between the fault and the look at its word.
TEST(futex_unmap_races)
{
	int tid[3];

	gone = map_word(NULL);
	waiting = 0;
	for (int i = 0; i < 3; i++)
		tid[i] = must_spawn(wait_often, NULL);
	for (int i = 0; i < 3000; i++) {
		CHECK(munmap(gone, 4096) == 0);
		CHECK(map_word(gone) == gone);
		futex_wake(gone, i % 3);
	}
	waiting = 1;
	for (int i = 0; i < 3; i++)
		must_join(tid[i]);
}

// Catches: a killed process that stays among the waiters, and is woken later in
// the place of a living one.
TEST(futex_killed_waiter)
{
	int *shared = shared_word(), pid[2];

	for (int i = 0; i < 2; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0) {
			CHECK(futex_wait(shared, 0, -1) == 0);
			passed();
		}
		wait_until_asleep(pid[i]);
	}
	CHECK(kill(pid[0]) == 0);
	expect_status(pid[0], WAIT_KILLED(SIGKILL));
	CHECK(futex_wake(shared, 1) == 1);
	expect_passed(pid[1]);
	CHECK(futex_wake(shared, 1) == 0);
}

enum { CROWD = 500 };
static int crowd_word;
static volatile int served;

static void
wait_in_crowd(void *arg)
{
	if (futex_wait(&crowd_word, 0, -1) == 0)
		__atomic_add_fetch(&served, 1, __ATOMIC_SEQ_CST);
	thread_exit(0);
}

// Catches: a wakeup whose cost grows with the number of sleepers, or that does
// not wake exactly one: each of 500 threads is woken by a call of its own.
TEST(futex_crowd)
{
	enum { STACK = 4096 };
	static int tid[CROWD];
	char *stacks = mmap(NULL, CROWD * STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct procinfo info;

	for (int i = 0; i < CROWD; i++) {
		tid[i] = thread_create(wait_in_crowd, (void *)i,
				       stacks + (i + 1) * STACK, NULL);
		CHECK(tid[i] > 0);
	}
	for (int i = 0; i < CROWD; i++) // until all sleep
		for (int n = procinfo((tid[i] - 1) | PROCINFO_THREADS, &info);
		     n > 0 && strcmp(info.wait, "futex") != 0;
		     n = procinfo((tid[i] - 1) | PROCINFO_THREADS, &info))
			sleep(1);
	for (int i = 0; i < CROWD; i++) {
		CHECK(futex_wake(&crowd_word, 1) == 1);
		while (served == i)
			yield();
		CHECK(served == i + 1);
	}
	for (int i = 0; i < CROWD; i++)
		must_join(tid[i]);
	CHECK(futex_wake(&crowd_word, 1) == 0);
}

// A lock of the usual kind: 0 free, 1 held, 2 held and somebody waits.
static void
lock_word(int *l)
{
	int was = 0;

	if (__atomic_compare_exchange_n(l, &was, 1, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return;
	while (__atomic_exchange_n(l, 2, __ATOMIC_SEQ_CST) != 0)
		futex_wait(l, 2, -1);
}

static void
unlock_word(int *l)
{
	if (__atomic_exchange_n(l, 0, __ATOMIC_SEQ_CST) == 2)
		futex_wake(l, 1);
}

enum { ADDERS = 4, ADDS = 20000 };
static volatile int sum;

static void
add_often(void *arg)
{
	for (int i = 0; i < ADDS; i++) {
		lock_word(arg);
		sum++;
		unlock_word(arg);
	}
	thread_exit(0);
}

// Catches: a wakeup that comes between the look at the word and the sleep, and
// is lost: all threads would sleep for ever.
TEST(futex_lock)
{
	int tid[ADDERS];

	word = 0;
	for (int i = 0; i < ADDERS; i++)
		tid[i] = must_spawn(add_often, &word);
	for (int i = 0; i < ADDERS; i++)
		must_join(tid[i]);
	CHECK(sum == ADDERS * ADDS);
}
