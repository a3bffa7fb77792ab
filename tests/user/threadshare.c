// What threads share with their process: its children, its files, its current
// directory.
#include "threads.h"

static volatile int count;
static int empty[2];

static void
count_always(void *arg)
{
	for (;;)
		count++;
}

static void
fork_here(void *arg)
{
	struct procinfo info;
	int pid = must_fork(), before;

	if (pid == 0) {
		CHECK(gettid() == getpid());
		CHECK(find_process(getpid(), &info) && info.threads == 1);
		before = count;
		sleep(5);
		CHECK(count == before);
		passed();
	}
	expect_passed(pid);
	passed();
}

// Catches: a fork that copies more threads than the calling one, or not that
// one.
TEST(thread_fork_copies_one)
{
	must_spawn(count_always, NULL);
	must_spawn(fork_here, NULL);
	sleep(1000 * HZ);
}

static volatile int waited;

static void
wait_for_one(void *arg)
{
	int status;

	CHECK(waitpid(-1, &status, 0) > 0);
	__atomic_add_fetch(&waited, WEXITSTATUS(status), __ATOMIC_SEQ_CST);
	thread_exit(0);
}

// Catches: threads that wait for children and get one twice, or not at all.
TEST(thread_waits_share)
{
	int tid[4];

	for (int i = 0; i < 4; i++)
		if (must_fork() == 0) {
			sleep(3);
			exit(1 << i);
		}
	for (int i = 0; i < 4; i++)
		tid[i] = must_spawn(wait_for_one, NULL);
	for (int i = 0; i < 4; i++)
		must_join(tid[i]);
	CHECK(waited == 15);
	CHECK_ERROR(wait(), ECHILD);
}

static void
read_one(void *arg)
{
	char c = 0;

	if (read(empty[0], &c, 1) != 1)
		c = 0;
	thread_exit(c);
}

// Closes the pipe's end that another thread reads. Ticks to wait: 0 closes it
// after the thread has perhaps read, otherwise the thread probably waits. On a
// busy machine the reader may come too late, and finds no pipe. Has it read?
static bool
close_while_reading(int ticks)
{
	int tid, value;
	bool written;

	CHECK(pipe(empty) == 0);
	tid = must_spawn(read_one, NULL);
	sleep(ticks);
	if (ticks > 0)
		CHECK(close(empty[0]) == 0);
	written = write(empty[1], "x", 1) == 1;
	CHECK(written || (ticks > 0 && errno == EPIPE));
	if (ticks == 0) {
		sleep(1);
		CHECK(close(empty[0]) == 0);
	}
	CHECK(thread_join(tid, &value) == 0);
	CHECK(value == 'x' || (value == 0 && (ticks == 0 || !written)));
	CHECK(close(empty[1]) == 0);
	return value == 'x';
}

// Catches: a file that is freed under a thread that reads it when another one
// closes its number.
TEST(thread_close_while_reading)
{
	int in_time = 0;

	for (int i = 0; i < 20; i++)
		in_time += close_while_reading(i % 3);
	CHECK(in_time >= 5);
}

static void
open_and_close(void *arg)
{
	char name[8], c;
	int fd, end[2];

	snprintf(name, sizeof(name), "o%d", (int)arg);
	for (int i = 0; i < 150; i++) {
		fd = open(name, O_RDONLY);
		CHECK(fd >= 0);
		CHECK(read(fd, &c, 1) == 1 && c == 'a' + (int)arg);
		CHECK(pipe(end) == 0);
		CHECK(write(end[1], name, 2) == 2);
		CHECK(read(end[0], name, 2) == 2);
		CHECK(close(fd) == 0 && close(end[0]) == 0 &&
		      close(end[1]) == 0);
		CHECK(chdir(i % 2 ? "." : "/usertests.tmp") == 0);
	}
	thread_exit(0);
}

// Catches: a table of files without a lock: two threads get one number, or a
// number is lost. And a current directory that is freed under a call.
TEST(thread_open_races)
{
	int tid[4], first = dup(0);
	char name[8], text[2] = "a";

	CHECK(close(first) == 0);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "o%d", i);
		text[0] = 'a' + i;
		make_file(name, text);
		tid[i] = must_spawn(open_and_close, (void *)i);
	}
	for (int i = 0; i < 4; i++)
		must_join(tid[i]);
	CHECK(dup(0) == first);
}
