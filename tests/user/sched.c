// The scheduler, as programs see it: everybody gets a turn, and a sleep ends
// when it should.
#include "user/usertests.h"

#define HOGS 17 // two for each of eight CPUs, and one

// Catches: a thread that never runs while others compute: it stays in a queue
// that nobody looks at, or a tick does not take the CPU away.
TEST(hogs_do_not_starve)
{
	uint *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int pid[HOGS];

	CHECK(count != MAP_FAILED);
	for (int i = 0; i < HOGS; i++) {
		pid[i] = must_fork();
		while (pid[i] == 0)
			((volatile uint *)count)[i]++;
	}
	sleep(HZ);
	for (int i = 0; i < HOGS; i++)
		CHECK(kill(pid[i]) == 0);
	for (int i = 0; i < HOGS; i++)
		expect_status(pid[i], WAIT_KILLED(SIGKILL));
	for (int i = 0; i < HOGS; i++)
		CHECK(count[i] > 0);
}

#define SLEEPERS 10

// Catches: sleeps that end in a wrong order, when some of them take longer than
// a round of the wheel of timeouts (256 ticks).
TEST(sleeps_end_in_order)
{
	char order[SLEEPERS + 1] = "";
	int fd[2], pid[SLEEPERS];

	CHECK(pipe(fd) == 0);
	for (int i = 0; i < SLEEPERS; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0) {
			sleep(35 * (SLEEPERS - i));
			CHECK(write(fd[1], &"0123456789"[i], 1) == 1);
			passed();
		}
	}
	for (int i = 0; i < SLEEPERS; i++)
		CHECK(read(fd[0], &order[i], 1) == 1);
	for (int i = 0; i < SLEEPERS; i++)
		expect_passed(pid[i]);
	CHECK(strcmp(order, "9876543210") == 0);
}

#define CROWD 450

// Catches: a wakeup that is lost, or given twice, when hundreds of processes
// sleep in one queue and wake on all CPUs.
TEST(a_crowd_sleeps_and_wakes)
{
	int go[2], back[2], pid;
	char c = 'x';

	CHECK(pipe(go) == 0 && pipe(back) == 0);
	for (int i = 0; i < CROWD; i++) {
		pid = must_fork();
		if (pid == 0) {
			CHECK(read(go[0], &c, 1) == 1);
			CHECK(write(back[1], &c, 1) == 1);
			passed();
		}
	}
	for (int i = 0; i < CROWD; i++) {
		CHECK(write(go[1], &c, 1) == 1);
		CHECK(read(back[0], &c, 1) == 1);
	}
	for (int i = 0; i < CROWD; i++) {
		int status;

		CHECK(waitpid(-1, &status, 0) > 0);
		CHECK(status == WAIT_EXITED(TEST_PASSED));
	}
}
