// Work for tests/boot/test_watchdog.py and test_disk.py, which look for what
// makes others wait.
#include "user/usertests.h"

enum { PAGE = 4096, BIG = 100 << 20 };

static char *
map(uint size, int flags)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       flags | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void
touch(char *p, uint size)
{
	for (uint at = 0; at < size; at += PAGE)
		p[at]++;
}

// Catches: the memory of a process that ends, or of an area that goes, is freed
// with a lock held or with interrupts off. Large spaces come, fork and go.
LONG_TEST(big_spaces)
{
	char *p = map(BIG / 2, MAP_PRIVATE);

	touch(p, BIG / 2);
	for (int i = 0; i < 2; i++) {
		if (must_fork() == 0) {
			touch(p, BIG / 4);
			exit(0);
		}
		CHECK(wait() > 0);
	}
	CHECK(mprotect(p, BIG / 2, PROT_READ) == 0);
	CHECK(munmap(p, BIG / 2) == 0);
	if (must_fork() == 0) {
		touch(map(BIG, MAP_PRIVATE), BIG);
		exit(0);
	}
	CHECK(wait() > 0);
}

// Catches: output to the console waits until the journal is written. The disk
// is slow, and the parent prints while the child is in fsync.
LONG_TEST(print_while_syncing)
{
	volatile char *in_sync = map(PAGE, MAP_SHARED);
	uint printed = 0;

	if (must_fork() == 0) {
		char name[16];
		int fd = -1;

		for (int i = 0; i < 20; i++) {
			snprintf(name, sizeof(name), "f%d", i);
			fd = open(name, O_RDWR | O_CREATE);
			CHECK(write(fd, name, sizeof(name)) == sizeof(name));
		}
		*in_sync = 1;
		CHECK(fsync(fd) == 0);
		*in_sync = 2;
		exit(0);
	}
	while (*in_sync == 0)
		sleep(1);
	while (*in_sync == 1) {
		printf("meanwhile %u\n", printed++);
		sleep(1);
	}
	CHECK(wait() > 0);
	CHECK(printed >= 10);
}
