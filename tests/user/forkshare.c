// Page tables that parent and children share: who sees which change, and when a
// table is copied. With PTSHARE=0 the same must hold for what programs see.
#include "memlayout.h"
#include "mmu.h"
#include "user/usertests.h"

enum { SHARERS = 300, PAGE = 4096, PAGES = 8 };
static char *map; // in a table of its own
static int go[2];

static void
make_map(int prot)
{
	map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(map != MAP_FAILED);
	for (int i = 0; i < PAGES; i++)
		map[i * PAGE] = 'a' + i;
	CHECK(mprotect(map, PAGES * PAGE, prot) == 0);
	CHECK(pipe(go) == 0);
}

static bool
map_is_whole(void)
{
	for (int i = 0; i < PAGES; i++)
		if (map[i * PAGE] != 'a' + i)
			return false;
	return true;
}

// Sleeps until the parent has closed its end.
static void
wait_for_go(void)
{
	char c;

	close(go[1]);
	read(go[0], &c, 1);
}

static int
sharers(void)
{
	static char table[PAGE];

	return ptwindow(getpid(), PDX(map), table);
}

// Catches: a count of sharers or of a frame's owners that overflows, a table or
// a page that is freed while others have it, and frames that are lost when many
// end in any order.
TEST(fork_many_sharers)
{
	static int pid[SHARERS];
	int before, i;

	make_map(PROT_READ | PROT_WRITE);
	before = frames_available();
	for (i = 0; i < SHARERS; i++) {
		pid[i] = must_fork();
		if (pid[i] != 0)
			continue;
		wait_for_go();
		CHECK(map_is_whole());
		if (i % 3 == 0)
			map[i % PAGES * PAGE] = 'z';
		passed();
	}
	CHECK(sharers() == 1 || sharers() == SHARERS + 1);
	map[0] = 'x'; // one of 301 goes on with a copy
	CHECK(sharers() == 1 && map[PAGE] == 'b');
	map[0] = 'a';
	close(go[1]);
	for (i = 0; i < SHARERS; i++)
		expect_passed(pid[i]);
	CHECK(map_is_whole());
	CHECK(frames_available() >= before - 30); // free lists of the kernel
}

// Catches: munmap, mprotect or mmap that changes a shared table in place, so
// that the parent loses pages or rights too.
TEST(fork_child_changes_its_map)
{
	int pid;

	make_map(PROT_READ | PROT_WRITE);
	pid = must_fork();
	if (pid == 0) {
		CHECK(munmap(map, PAGE) == 0);
		CHECK(mprotect(map + PAGE, PAGE, PROT_READ) == 0);
		CHECK(mprotect(map + 2 * PAGE, PAGE, PROT_NONE) == 0);
		CHECK(mmap(map + 3 * PAGE, PAGE, PROT_READ,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			   0) == map + 3 * PAGE);
		CHECK(map[3 * PAGE] == 0 && map[4 * PAGE] == 'e');
		passed();
	}
	expect_passed(pid);
	CHECK(map_is_whole());
	for (int i = 0; i < PAGES; i++)
		map[i * PAGE]++;
	CHECK(map[0] == 'b' && map[3 * PAGE] == 'e');
}

// Catches: copy-on-write that makes a page writable whose area is read-only.
TEST(fork_read_only_stays)
{
	int pid;

	make_map(PROT_READ);
	pid = must_fork();
	if (pid == 0) {
		map[PAGE] = 'z';
		passed();
	}
	expect_status(pid, WAIT_KILLED(SIGSEGV));
	CHECK(map_is_whole());
	pid = must_fork();
	if (pid == 0) {
		CHECK(mprotect(map, PAGE, PROT_READ | PROT_WRITE) == 0);
		map[0] = 'z';
		passed();
	}
	expect_passed(pid);
	CHECK(map_is_whole());
}

// Catches: a write of the kernel for a child that goes into the shared page.
TEST(fork_kernel_writes_a_copy)
{
	int pid;

	make_map(PROT_READ | PROT_WRITE);
	make_file("f", "zzzz");
	pid = must_fork();
	if (pid == 0) {
		int fd = open("f", O_RDONLY);

		CHECK(fd >= 0 && read(fd, map, 4) == 4);
		CHECK(map[0] == 'z' && map[PAGE] == 'b');
		passed();
	}
	expect_passed(pid);
	CHECK(map_is_whole());
}

// Catches: truncate that leaves a page in a table that several spaces share, or
// in the copy that one of them has made.
TEST(fork_truncate_reaches_all)
{
	enum { CHILDREN = 12 };
	int fd, pid[CHILDREN];

	make_file("f", "bytes of a file");
	fd = open("f", O_RDWR);
	map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(map != MAP_FAILED && map[0] == 'b' && pipe(go) == 0);
	for (int i = 0; i < CHILDREN; i++) {
		pid[i] = must_fork();
		if (pid[i] != 0)
			continue;
		if (i % 2)
			map[0] = 'z'; // a table and a page of its own
		wait_for_go();
		CHECK(map[0] == 0); // not reached
		passed();
	}
	sleep(10);
	CHECK(ftruncate(fd, 0) == 0);
	close(go[1]);
	for (int i = 0; i < CHILDREN; i++)
		expect_status(pid[i], WAIT_KILLED(SIGBUS));
}

// For tests/boot/test_share.py: a parent and three children that share a table
// until they are killed.
LONG_TEST(fork_hold)
{
	make_map(PROT_READ | PROT_WRITE);
	for (int i = 0; i < 3; i++)
		if (must_fork() == 0)
			break;
	printf("hold %d: %x\n", getpid(), (unsigned int)map);
	for (;;)
		sleep(1000);
}
