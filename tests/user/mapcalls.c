// The calls that make, protect and remove mappings, and what they refuse.
#include "user/usertests.h"

enum { PAGE = 4096 };

static char *
map(int fd, uint len, int prot, int flags)
{
	char *p = mmap(NULL, len, prot, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	CHECK((uint)p % PAGE == 0);
	return p;
}

static int
file_of(int pages)
{
	int fd = open("m", O_RDWR | O_CREATE);

	for (int i = 0; i < pages * PAGE / 16; i++)
		CHECK(dprintf(fd, "%15d\n", i) == 16);
	return fd;
}

// Catches: anonymous memory is not zero, or is not given back.
TEST(mmap_anonymous)
{
	char *p = map(-1, 8 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS);

	for (int i = 0; i < 8 * PAGE; i++)
		CHECK(p[i] == 0);
	memset(p, 1, 8 * PAGE);
	CHECK(munmap(p + 2 * PAGE, PAGE) == 0);
	CHECK(p[2 * PAGE - 1] == 1 && p[3 * PAGE] == 1);
	CHECK_ERROR(write(1, p + 2 * PAGE, 1), EFAULT);
	CHECK(munmap(p, 8 * PAGE) == 0);
}

// Catches: parent and child do not share memory that is MAP_SHARED.
TEST(mmap_shared_anonymous)
{
	volatile char *p = map(-1, PAGE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS);
	int pid = must_fork();

	if (pid == 0) {
		p[7] = 'c';
		passed();
	}
	expect_passed(pid);
	CHECK(p[7] == 'c');
}

// Catches: a mapping is still there after munmap.
TEST_KILLED(mmap_unmapped, SIGSEGV)
{
	volatile char *p = map(-1, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS);

	*p = 1;
	if (munmap((char *)p, PAGE) == 0)
		*p = 2;
}

// Catches: mprotect does not work on pages that are already there.
TEST_KILLED(mmap_protected, SIGSEGV)
{
	volatile char *p = map(-1, 2 * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS);

	p[0] = p[PAGE] = 1;
	CHECK(mprotect((char *)p, PAGE, PROT_READ) == 0);
	CHECK(p[0] == 1);
	p[PAGE] = 2;
	CHECK(mprotect((char *)p, PAGE, PROT_READ | PROT_WRITE) == 0);
	p[0] = 2;
	CHECK(mprotect((char *)p, PAGE, PROT_READ) == 0);
	p[0] = 3;
}

// Catches: a mapping shows old bytes behind the end of the file.
TEST_KILLED(mmap_past_the_end, SIGBUS)
{
	int fd = file_of(1);
	volatile char *p = map(fd, 3 * PAGE, PROT_READ, MAP_PRIVATE);

	if (p[PAGE - 1] == '\n')
		p[0] = p[2 * PAGE];
}

// Catches: mmap accepts a range or a file that must not be mapped.
TEST(mmap_refused)
{
	enum {
		RW = PROT_READ | PROT_WRITE,
		ANON = MAP_PRIVATE | MAP_ANONYMOUS
	};
	int fd = file_of(1), only;

	CHECK(mmap(NULL, 0, RW, ANON, -1, 0) == MAP_FAILED);
	CHECK(mmap(NULL, 0xfffff000, RW, ANON, -1, 0) == MAP_FAILED);
	CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0) == MAP_FAILED);
	CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, 0, 0) == MAP_FAILED);
	CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 1) == MAP_FAILED);
	CHECK(mmap((void *)0x80000000, PAGE, RW, ANON | MAP_FIXED, -1, 0) ==
	      MAP_FAILED);
	CHECK(mmap((void *)0x7ffff000, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0) ==
	      MAP_FAILED);
	only = open("m", O_RDONLY);
	CHECK(mmap(NULL, PAGE, RW, MAP_SHARED, only, 0) == MAP_FAILED);
	CHECK(errno == EACCES);
	CHECK(munmap((void *)0x80000000, PAGE) == -1);
	CHECK(munmap((void *)0x1001, PAGE) == -1);
	CHECK(mprotect((void *)0x80000000, PAGE, RW) == -1);
}

// Catches: a shared mapping of a file that was opened for reading becomes
// writable by a detour: by mprotect, in a child, in part, or after the close.
TEST(mmap_read_only)
{
	const int both = PROT_READ | PROT_WRITE;
	int fd, status, page = 4096;
	char *map;

	make_file("f", "as it was");
	fd = open("f", O_RDONLY);
	CHECK_ERROR((int)mmap(NULL, 2 * page, both, MAP_SHARED, fd, 0), EACCES);
	map = mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED && map[0] == 'a');
	close(fd);
	CHECK_ERROR(mprotect(map, page, both), EACCES);
	CHECK_ERROR(mprotect(map, page, PROT_WRITE), EACCES);
	CHECK(mprotect(map, page, PROT_NONE) == 0);
	CHECK_ERROR(mprotect(map, 2 * page, both), EACCES);
	CHECK(mprotect(map, page, PROT_READ) == 0 && map[3] == 'i');
	if (must_fork() == 0) {
		CHECK_ERROR(mprotect(map, page, both), EACCES);
		passed();
	}
	CHECK(waitpid(-1, &status, 0) > 0);
	CHECK(status == WAIT_EXITED(TEST_PASSED));
	fd = open("f", O_RDONLY);
	CHECK_ERROR(read(fd, map, 1), EFAULT);
}

// Catches: mprotect that refuses to make a private mapping writable, or a
// mapping of a file that was opened for reading and writing.
TEST(mmap_made_writable)
{
	const int both = PROT_READ | PROT_WRITE;
	int fd, page = 4096;
	char *map;

	make_file("f", "as it was");
	fd = open("f", O_RDONLY);
	map = mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(map != MAP_FAILED && mprotect(map, page, both) == 0);
	map[0] = 'X';
	CHECK(sync() == 0 && file_is("f", "as it was"));
	fd = open("f", O_RDWR);
	map = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED && mprotect(map, page, both) == 0);
	map[0] = 'X';
	CHECK(file_is("f", "Xs it was"));
}

// A process stores to its shared mapping of f, and ends. Is there a page to
// write back?
static bool
ends_with_a_store(void)
{
	struct meminfo m;
	int pid;

	make_file("f", "old");
	sync();
	pid = must_fork();
	if (pid == 0) {
		char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			       open("f", O_RDWR), 0);

		CHECK(p != MAP_FAILED);
		p[0] = 'n';
		passed();
	}
	expect_passed(pid);
	CHECK(meminfo(&m) == 0);
	return m.dirty > 0;
}

// Catches: a store to a shared mapping that is forgotten when the process ends:
// no write-back finds the page, and the file on the disk keeps the old bytes.
// The kernel's own write-back may come before we look, but not each time.
TEST(mmap_exit_writes_back)
{
	struct meminfo m;
	int tries = 0;

	while (!ends_with_a_store())
		CHECK(++tries < 5);
	sync();
	CHECK(meminfo(&m) == 0 && m.dirty == 0);
	CHECK(file_is("f", "nld"));
}
