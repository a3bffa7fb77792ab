// kill: which processes, and in which states.
#include "user/usertests.h"

// Catches: kill of a pid that does not exist ends a process (PITFALLS 1), or
// marks the next process that gets the slot.
TEST(kill_nobody)
{
	CHECK_ERROR(kill(0), EINVAL);
	CHECK_ERROR(kill(-1), EINVAL);
	CHECK_ERROR(kill(-0x7fffffff - 1), EINVAL);
	CHECK_ERROR(kill(0x7fffffff), ESRCH);
	for (int i = 0; i < 20; i++) {
		int pid = must_fork();

		if (pid == 0) {
			CHECK_ERROR(kill(0), EINVAL);
			passed();
		}
		expect_passed(pid);
		CHECK(kill(pid) == -1 && errno == ESRCH);
	}
}

// Catches: init can be killed, which ends the machine (PITFALLS 6).
TEST(kill_init)
{
	CHECK_ERROR(kill(1), EPERM);
}

static void
body_compute(void)
{
	for (;;)
		asm volatile("");
}

static void
body_sleep(void)
{
	sleep(1000 * HZ);
}

static void
body_wait(void)
{
	if (must_fork() == 0) {
		sleep(HZ);
		passed();
	}
	wait();
}

static void
body_calls(void)
{
	for (;;)
		getpid();
}

static void
body_files(void)
{
	char name[16];

	snprintf(name, sizeof(name), "k%d", getpid());
	for (;;) {
		int fd = open(name, O_RDWR | O_CREATE);

		write(fd, "x", 1);
		close(fd);
		unlink(name);
	}
}

static void
body_forks(void)
{
	for (;;)
		run_child(passed);
}

static void (*const bodies[])(void) = { body_compute, body_sleep, body_wait,
				       body_calls,   body_files, body_forks};

// Catches: a process in some state cannot be killed, or runs on after the kill.
TEST(kill_in_every_state)
{
	for (uint i = 0; i < countof(bodies); i++) {
		int pid = must_fork();

		if (pid == 0) {
			bodies[i]();
			exit(1);
		}
		sleep(5);
		CHECK(kill(pid) == 0);
		expect_status(pid, WAIT_KILLED(SIGKILL));
	}
}

// Catches: a kill between fork and the child's first run is lost.
TEST(kill_at_once)
{
	for (int i = 0; i < 60; i++) {
		int pid = must_fork();

		if (pid == 0)
			bodies[i % countof(bodies)]();
		CHECK(kill(pid) == 0);
		expect_status(pid, WAIT_KILLED(SIGKILL));
	}
}

// Catches: a process misses a kill that arrives just before it falls asleep.
// (This needs two CPUs.)
TEST(kill_before_sleep)
{
	volatile int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < 120; i++) {
		int pid = must_fork();

		if (pid == 0) {
			*ready = i + 1;
			body_sleep();
		}
		while (*ready != i + 1)
			;
		for (volatile int n = i * 10; n > 0; n--)
			;
		CHECK(kill(pid) == 0);
		for (int n = 0; n < 5 * HZ && waitpid(pid, NULL, WNOHANG) == 0;
		     n++)
			sleep(1);
		CHECK(kill(pid) == -1); // the process has ended
	}
}

// Catches: a process survives when it kills itself.
TEST_KILLED(kill_self, SIGKILL)
{
	kill(getpid());
}

// Catches: a kill changes the status of a child that has ended.
TEST(kill_zombie)
{
	struct procinfo info;
	int pid = must_fork();

	if (pid == 0)
		exit(3);
	while (!find_process(pid, &info) || info.state != PROC_ZOMBIE)
		sleep(1);
	CHECK(kill(pid) == 0 || errno == ESRCH);
	expect_status(pid, WAIT_EXITED(3));
}

// Catches: some of many children that are killed at once are never collected.
TEST(kill_many)
{
	int pid[30];

	for (int i = 0; i < 30; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0)
			body_sleep();
	}
	for (int i = 0; i < 30; i++)
		CHECK(kill(pid[i]) == 0);
	for (int i = 29; i >= 0; i--)
		expect_status(pid[i], WAIT_KILLED(SIGKILL));
}
