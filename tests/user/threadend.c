// Threads that end: by exit, exec, kill or a fault, from wherever they are; and
// what they share with their process until then.
#include "threads.h"

static volatile int count, word;
static int full[2], empty[2];

// ---- A thread for each place in which it can be ended -----------------------

static void
state_compute(void *arg)
{
	for (;;)
		count++;
}

static void
state_calls(void *arg)
{
	for (;;)
		getpid();
}

static void
state_yield(void *arg)
{
	for (;;)
		yield();
}

static void
state_sleep(void *arg)
{
	sleep(1000 * HZ);
}

static void
state_futex(void *arg)
{
	futex_wait((int *)&word, 0, -1);
}

static void
state_futex_limited(void *arg)
{
	futex_wait((int *)&word, 0, 1000 * HZ);
}

static void
state_read(void *arg)
{
	char c;

	read(empty[0], &c, 1);
}

static void
state_write(void *arg)
{
	static char page[4096];

	for (;;)
		write(full[1], page, sizeof(page));
}

static void
state_join(void *arg)
{
	thread_join((int)arg, NULL); // the thread before this one
}

static void
state_wait(void *arg)
{
	int pid = fork();

	if (pid == 0) {
		sleep(2);
		exit(0);
	}
	for (;;)
		wait();
}

static void
state_forks(void *arg)
{
	for (;;) {
		int pid = fork();

		if (pid == 0)
			exit(0);
		waitpid(pid, NULL, 0);
	}
}

static void
state_faults(void *arg)
{
	for (;;) {
		char *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (int i = 0; i < 8; i++)
			p[i * 4096] = 1;
		munmap(p, 8 * 4096);
	}
}

static void
state_files(void *arg)
{
	char name[16];

	snprintf(name, sizeof(name), "t%d", gettid());
	for (;;) {
		int fd = open(name, O_RDWR | O_CREATE);

		write(fd, "x", 1);
		close(fd);
		unlink(name);
	}
}

static void
state_exec_fails(void *arg)
{
	char *const argv[] = { "no", NULL };

	for (;;)
		exec("/no such program", argv);
}

static void
do_nothing(void *arg)
{
	thread_exit(0);
}

static void
state_threads(void *arg)
{
	for (;;)
		must_join(must_spawn(do_nothing, NULL));
}

// The first QUIET ones sleep; the others keep a CPU busy.
enum { QUIET = 8 };
static void (*const states[])(void *) = {
	state_sleep,   state_join,  state_futex,      state_futex_limited,
	state_read,    state_write, state_wait,	      state_sleep,
	state_compute, state_calls, state_yield,      state_forks,
	state_faults,  state_files, state_exec_fails, state_threads,
};
static uint nstates = countof(states);

// A process with a thread in each of the first nstates states.
static void
start_all(void)
{
	int tid = 0;

	CHECK(pipe(full) == 0 && pipe(empty) == 0);
	for (uint i = 0; i < nstates; i++)
		tid = must_spawn(states[i], (void *)tid);
}

// ---- The ends ---------------------------------------------------------------

static void
end_by_exit(void)
{
	sleep(3);
	exit(9);
}

static void
end_by_exec(void)
{
	char *const argv[] = { "false", NULL };

	sleep(3);
	exec("/false", argv);
	exit(7);
}

static void
end_by_fault(void)
{
	sleep(3);
	*(volatile int *)0x70000000 = 1;
}

static void
end_by_kill(void)
{
	sleep(1000 * HZ);
}

static const struct {
	void (*end)(void);
	int status;
} ends[] = {
	{ end_by_exit, WAIT_EXITED(9) },
	{ end_by_exec, WAIT_EXITED(1) },
	{ end_by_fault, WAIT_KILLED(SIGSEGV) },
	{ end_by_kill, WAIT_KILLED(SIGKILL) },
};

// Ends such a process; its first thread or another one does it.
static void
end_one(uint how, bool by_other)
{
	int pid = must_fork();

	if (pid == 0) {
		start_all();
		if (by_other) {
			must_spawn((void (*)(void *))ends[how].end, NULL);
			thread_exit(0);
		}
		ends[how].end();
	}
	if (ends[how].end == end_by_kill) {
		sleep(4);
		CHECK(kill(pid) == 0);
	}
	expect_status(pid, ends[how].status);
	CHECK(kill(pid) == -1 && errno == ESRCH);
}

// Catches: a thread that cannot be ended where it is, so that its process never
// ends; a process that runs on without one of its threads.
TEST(thread_ends_everywhere)
{
	for (uint i = 0; i < 2 * countof(ends); i++)
		end_one(i / 2, i % 2);
}

// Ends so many such processes in all ways, and returns the frames that are free
// afterwards, or `enough` if there are more.
static int
end_many(uint rounds, int enough)
{
	int frames = 0;

	for (uint i = 0; i < rounds; i++)
		end_one(i % countof(ends), i & 4);
	CHECK(sync() == 0);
	for (int i = 0; i < HZ && frames < enough; i++) {
		sleep(1);
		frames = frames_available();
	}
	return frames;
}

// Catches: a page, a file or a kernel stack that stays with a thread that was
// ended. One lost page for each end is more than the 16 that may be in use
// elsewhere.
TEST(thread_ends_leave_no_page)
{
	int before;

	end_many(2 * countof(ends), INT32_MAX);
	before = end_many(2 * countof(ends), INT32_MAX);
	CHECK(end_many(6 * countof(ends), before - 16) >= before - 16);
}

// Catches: a number that stays with a thread that was ended: this takes more
// numbers than there are.
TEST(thread_ends_leave_no_number)
{
	nstates = QUIET;
	end_many(NTHREAD / QUIET + 8, 0);
}

static void
exit_with(void *arg)
{
	while (!word)
		;
	exit((int)arg);
}

static void
exec_false(void *arg)
{
	char *const argv[] = { "false", NULL };

	while (!word)
		;
	exec("/false", argv);
	CHECK(!"exec of /false succeeds or its thread ends");
}

// Catches: two ends at once of one process, of which the second undoes the
// first: it would end twice, or with a status that nobody gave.
TEST(thread_two_ends)
{
	void (*const both[])(void *) = { exit_with, exec_false };
	int pid, status;

	for (int i = 0; i < 120; i++) {
		pid = must_fork();
		if (pid == 0) {
			must_spawn(both[i % 2], (void *)3);
			must_spawn(both[i / 2 % 2], (void *)4);
			word = 1;
			thread_exit(0);
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(status == WAIT_EXITED(1) || status == WAIT_EXITED(3) ||
		      status == WAIT_EXITED(4));
	}
}

static void
show_threads(void *arg)
{
	char *const argv[] = { "ps", "-t", NULL };

	exec("/ps", argv);
}

// Catches: a program that exec started from another thread than the first, and
// whose only thread has not the process's number.
TEST(thread_exec_takes_pid)
{
	char text[2048], *line, *thread;
	int fd[2], pid, have = 0, n, at;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		dup2(fd[1], 1);
		close(fd[0]);
		must_spawn(state_sleep, NULL);
		must_spawn(show_threads, NULL);
		sleep(1000 * HZ);
	}
	close(fd[1]);
	while ((n = read(fd[0], text + have, sizeof(text) - 1 - have)) > 0)
		have += n;
	text[have] = 0;
	expect_status(pid, WAIT_EXITED(0));
	for (line = text, n = 0; *line; line = text + at + 1) {
		at = strchr(line, '\n') ? strchr(line, '\n') - text : have - 1;
		text[at] = 0;
		if (strtol(line, &thread, 10) != pid)
			continue;
		CHECK(atoi(thread) == pid);
		n++;
	}
	CHECK(n == 1);
}
