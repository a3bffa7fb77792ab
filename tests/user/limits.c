// Limits: processes, memory, open files.
#include "user/usertests.h"

// Catches: there are more processes than the limit allows, or fewer afterwards.
static int
fork_until_it_fails(void)
{
	int hold[2], count = 0, pid;
	char c;

	CHECK(pipe(hold) == 0);
	while ((pid = fork()) > 0)
		CHECK(++count < 1000);
	if (pid == 0) {
		close(hold[1]);
		read(hold[0], &c, 1);
		passed();
	}
	CHECK(errno == EAGAIN || errno == ENOMEM);
	close(hold[0]);
	close(hold[1]);
	for (int i = 0; i < count; i++)
		CHECK(wait() > 0);
	CHECK_ERROR(wait(), ECHILD);
	return count;
}

// Catches: the same, and a failed fork that leaves half a process.
TEST(process_limit)
{
	int first = fork_until_it_fails(), second = fork_until_it_fails();

	CHECK(first >= 60 && first <= NPROC);
	CHECK(second >= first - 2);
}

// Touches memory until there is none. The process may be killed or may get an
// error.
static void
eat_memory(void)
{
	enum { STEP = 1 << 20 };
	char *p;

	while ((p = sbrk(STEP)) != (char *)-1)
		for (int i = 0; i < STEP; i += 4096)
			p[i] = 1;
	CHECK(errno == ENOMEM);
	passed();
}

// Catches: the machine stops when memory runs out, or does not get the memory
// back.
TEST(memory_full)
{
	int before = frames_available(), after = 0;

	for (int round = 0; round < 2; round++) {
		int status = run_child(eat_memory);

		CHECK(status == WAIT_EXITED(TEST_PASSED) ||
		      status == WAIT_KILLED(SIGKILL));
	}
	for (int i = 0; i < HZ && after < before - 64; i++) {
		after = frames_available();
		sleep(1);
	}
	CHECK(after >= before - 64);
}

// Catches: sbrk or mmap promises more memory than there is, and another process
// is killed for it.
TEST(memory_promised)
{
	int status, pid = must_fork();

	if (pid == 0) {
		uint size = 0x60000000;
		char *p = sbrk(size);

		if (p == (char *)-1) {
			CHECK(errno == ENOMEM);
			passed();
		}
		for (uint i = 0; i < size; i += 4096)
			p[i] = 1;
		passed(); // the machine has so much memory
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(status == WAIT_EXITED(TEST_PASSED) ||
	      status == WAIT_KILLED(SIGKILL));
}

// Catches: processes can open more files than the kernel has inodes in memory
// (PITFALLS 3).
TEST(many_open_files)
{
	enum { CHILDREN = 12, FILES = 12 };
	int ready[2], hold[2];
	char c, name[16];

	CHECK(pipe(ready) == 0 && pipe(hold) == 0);
	for (int k = 0; k < CHILDREN; k++) {
		if (must_fork() > 0)
			continue;
		close(hold[1]);
		for (int i = 0; i < FILES; i++) {
			snprintf(name, sizeof(name), "o%d.%d", k, i);
			CHECK(open(name, O_RDWR | O_CREATE) >= 0);
		}
		CHECK(write(ready[1], "x", 1) == 1);
		read(hold[0], &c, 1);
		passed();
	}
	close(ready[1]);
	for (int k = 0; k < CHILDREN; k++)
		CHECK(read(ready[0], &c, 1) == 1);
	close(hold[1]);
	for (int k = 0; k < CHILDREN; k++)
		CHECK(wait() > 0);
}

// ---- Leaks ------------------------------------------------------------------

static void
die_of_fault(void)
{
	*(volatile int *)0x70000000 = 1;
}

static void
die_with_open_files(void)
{
	int fd[2];
	char *p = sbrk(100 * 4096);

	CHECK(pipe(fd) == 0);
	open("orphan", O_RDWR | O_CREATE);
	unlink("orphan");
	memset(p, 1, 100 * 4096);
	kill(getpid());
}

static void
exec_something(void)
{
	char *const argv[] = { "true", NULL };

	exec("/missing", argv);
	exec("/true", argv);
}

// Uses a little of everything that takes memory and gives it back.
static void
use_everything(void)
{
	run_child(die_of_fault);
	run_child(die_with_open_files);
	run_child(exec_something);
	make_file("leak", "text");
	link("leak", "leak2");
	rename("leak2", "leak3");
	unlink("leak");
	unlink("leak3");
	mkdir("dir");
	unlink("dir");
}

// Warms up, so that later counts are equal: every slot of the process table
// gets its kernel stack, which stays, and the journal gives back its pages.
static void
settle(void)
{
	for (int i = 0; i < NPROC; i++)
		run_child(passed);
	for (int i = 0; i < 10; i++)
		use_everything();
	CHECK(sync() == 0);
	sleep(5);
}

// Catches: each process, file or error loses a frame or two.
TEST(no_frames_lost)
{
	enum { ROUNDS = 40, TOLERANCE = 10 };
	int before, after = 0;

	settle();
	before = frames_available();
	for (int i = 0; i < ROUNDS; i++)
		use_everything();
	CHECK(sync() == 0);
	// The last process may not have been freed yet.
	for (int i = 0; i < HZ && after < before - TOLERANCE; i++) {
		after = frames_available();
		sleep(1);
	}
	CHECK(after >= before - TOLERANCE);
}
