// Memory runs out. The boot tests ask for these on a small machine
// (tests/boot/test_memory.py); here they would only take long.
#include "user/usertests.h"

enum { PAGE = 4096 };

static uint
bytes_of_memory(void)
{
	struct meminfo m;

	CHECK(meminfo(&m) == 0);
	return m.total * PAGE;
}

// Shared or private memory of that many bytes, touched.
static char *
touched(uint bytes, int how)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS,
		       -1, 0);

	CHECK(p != MAP_FAILED);
	for (uint i = 0; i < bytes; i += PAGE)
		p[i] = 1;
	return p;
}

// A child that lives until `hold` is closed.
static int
holder(int hold[2], void (*fill)(void))
{
	int ready[2], pid;
	char c = 0;

	CHECK(pipe(ready) == 0);
	pid = must_fork();
	if (pid == 0) {
		close(hold[1]);
		fill();
		CHECK(write(ready[1], &c, 1) == 1);
		(void)!read(hold[0], &c, 1);
		passed();
	}
	CHECK(read(ready[0], &c, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

// Memory that is promised while there is some, and touched when all have it.
static void
fill_memory(void)
{
	uint bytes = bytes_of_memory() / 2;
	char *p = sbrk(bytes);

	CHECK(p != (char *)-1);
	sleep(HZ / 5);
	for (uint i = 0; i < bytes; i += PAGE)
		p[i] = 1;
	sleep(HZ / 5);
	passed();
}

static void
hold_an_eighth(void)
{
	touched(bytes_of_memory() / 8, MAP_PRIVATE);
}

static void
hold_shared(void)
{
	uint half = bytes_of_memory() / 2;
	char *p = touched(half, MAP_SHARED);

	CHECK(munmap(p + PAGE, half - PAGE) == 0); // the pages are still there
}

// Catches: a small process that dies for the big ones, or a machine that does
// not come back when several processes fill its memory.
LONG_TEST(memout_fillers)
{
	int hold[2], small, pid[4];

	CHECK(pipe(hold) == 0);
	small = holder(hold, hold_an_eighth);
	for (int i = 0; i < 4; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0)
			fill_memory();
	}
	for (int i = 0; i < 4; i++)
		CHECK(waitpid(pid[i], NULL, 0) == pid[i]);
	close(hold[1]);
	expect_passed(small);
}

// Catches: pages of shared memory that count for nobody, as they are not
// mapped: a smaller process is killed and the memory stays full.
LONG_TEST(memout_shared)
{
	int hold[2], small, shared;
	uint bytes = bytes_of_memory();
	char *p;

	CHECK(pipe(hold) == 0);
	small = holder(hold, hold_an_eighth);
	shared = holder(hold, hold_shared);
	p = sbrk(bytes / 2);
	CHECK(p != (char *)-1);
	for (uint i = 0; i < bytes / 2; i += PAGE)
		p[i] = 1;
	close(hold[1]);
	expect_status(shared, WAIT_KILLED(SIGKILL));
	expect_passed(small);
}

static void
hold_all(void)
{
	enum { STEP = 64 * 1024 };
	char *p;

	while ((p = sbrk(STEP)) != (char *)-1)
		for (int i = 0; i < STEP; i += PAGE)
			p[i] = 1;
}

// A page table for each 4 MB, and no page.
static void
hold_tables(void)
{
	for (uint at = 0x8000000; at < 0x70000000; at += 4 << 20) {
		volatile char *p =
			mmap((void *)at, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		CHECK(p == (char *)at);
		*p = 1;
		CHECK(munmap((char *)p, PAGE) == 0);
	}
}

// Catches: page tables that fill the memory, that nobody counts and nobody
// gives back: a process that has more pages dies for them.
LONG_TEST(memout_tables)
{
	enum { HOLDERS = 24 };
	int hold[2], small, pid[HOLDERS];

	CHECK(pipe(hold) == 0);
	small = holder(hold, hold_an_eighth);
	for (int i = 0; i < HOLDERS; i++)
		pid[i] = holder(hold, hold_tables);
	close(hold[1]);
	expect_passed(small);
	for (int i = 0; i < HOLDERS; i++)
		CHECK(waitpid(pid[i], NULL, 0) == pid[i]);
}

static void
hold_some_pages(void)
{
	touched(32 * PAGE, MAP_PRIVATE);
}

// As many pipes as there are numbers for. Nothing waits for memory here: pipe()
// is refused when memory is out.
static void
hold_pipes(void)
{
	int fd[2];

	while (pipe(fd) == 0)
		;
}

// A child that waits for `go`, and then touches a mapping that it inherits.
static int
late_toucher(int go[2], volatile char *map, int pages)
{
	int pid = must_fork();
	char c;

	if (pid == 0) {
		close(go[1]);
		(void)!read(go[0], &c, 1);
		for (int i = 0; i < pages; i++)
			map[i * PAGE] = 1;
		passed();
	}
	return pid;
}

// Fills the memory with processes that hold pipes. Returns how many.
static int
fill_with_pipes(int hold[2], int go[2], int *pid, int most)
{
	for (int n = 0; n < most; n++) {
		pid[n] = fork();
		if (pid[n] < 0)
			return n;
		if (pid[n] == 0) {
			char c;

			close(hold[1]);
			close(go[1]);
			hold_pipes();
			(void)!read(hold[0], &c, 1);
			passed();
		}
	}
	return most;
}

// Catches: pages of pipes that count for nobody: a process that has fewer pages
// than the pipes of another process dies for them.
LONG_TEST(memout_pipes)
{
	enum { TOUCHERS = 12, PAGES = 16, HOLDERS = 200 };
	static int pid[HOLDERS];
	int hold[2], go[2], late[TOUCHERS], small, n;
	char *map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(map != MAP_FAILED);
	CHECK(pipe(hold) == 0);
	small = holder(hold, hold_some_pages);
	CHECK(pipe(go) == 0);
	for (int i = 0; i < TOUCHERS; i++)
		late[i] = late_toucher(go, map, PAGES);
	n = fill_with_pipes(hold, go, pid, HOLDERS);
	sleep(HZ / 2);
	close(go[0]);
	close(go[1]);
	for (int i = 0; i < TOUCHERS; i++)
		expect_passed(late[i]);
	close(hold[1]);
	expect_passed(small);
	for (int i = 0; i < n; i++)
		CHECK(waitpid(pid[i], NULL, 0) == pid[i]);
}

static void
hold_nothing(void)
{
}

// Catches: a fork that is refused, or a small process that dies, because one
// process fills the memory.
LONG_TEST(memout_fork)
{
	enum { FORKS = 60 };
	int hold[2], big, pid[FORKS];

	CHECK(pipe(hold) == 0);
	big = holder(hold, hold_all);
	for (int i = 0; i < FORKS; i++)
		pid[i] = holder(hold, hold_nothing);
	close(hold[1]);
	for (int i = 0; i < FORKS; i++)
		expect_passed(pid[i]);
	expect_status(big, WAIT_KILLED(SIGKILL));
}

// Reads the file into ever new memory, more than there is.
static void
read_until_full(int fd)
{
	enum { STEP = 64 * 1024 };
	uint bytes = bytes_of_memory() / 8 * 7;
	char *p = sbrk(bytes);

	CHECK(p != (char *)-1);
	sleep(HZ / 10);
	for (uint i = 0; i + STEP <= bytes; i += STEP) {
		(void)lseek(fd, 0, SEEK_SET);
		(void)!read(fd, p + i, STEP);
	}
	passed();
}

// Catches: a reader that waits for memory with its file's offset locked, while
// the process that must die waits for that lock: the machine hangs.
LONG_TEST(memout_readers)
{
	static char buf[PAGE];
	int fd = open("f", O_CREATE | O_RDWR), pid[2];

	for (int i = 0; i < 64; i++)
		CHECK(write(fd, buf, PAGE) == PAGE);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 2; i++) {
			pid[i] = must_fork();
			if (pid[i] == 0)
				read_until_full(fd);
		}
		for (int i = 0; i < 2; i++)
			CHECK(waitpid(pid[i], NULL, 0) == pid[i]);
	}
}
