// Mappings: faults bring in pages of files and shared memory, and truncate
// takes them away.
#include "user/usertests.h"

enum { PAGE = 4096, FILE_PAGES = 5 };

// Opens a new file of FILE_PAGES pages; byte i of page p is p + i.
static int
numbered_file(void)
{
	static unsigned char buf[PAGE];
	int fd = open("f", O_CREATE | O_RDWR);

	CHECK(fd >= 0);
	for (int p = 0; p < FILE_PAGES; p++) {
		for (int i = 0; i < PAGE; i++)
			buf[i] = p + i;
		CHECK(write(fd, buf, PAGE) == PAGE);
	}
	return fd;
}

static unsigned char *
map_file(int fd, int flags, int pages, int first)
{
	void *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd,
			first * PAGE);

	CHECK(at != MAP_FAILED);
	return at;
}

// What the file holds at off, by read().
static int
file_byte(int fd, int off)
{
	unsigned char c;

	CHECK(lseek(fd, off, SEEK_SET) == off);
	CHECK(read(fd, &c, 1) == 1);
	return c;
}

// Catches: a mapped page does not show the file, or a store to a private
// mapping reaches the file.
TEST(mmap_private)
{
	int fd = numbered_file();
	unsigned char *m = map_file(fd, MAP_PRIVATE, 3, 1);

	for (int i = 0; i < 3 * PAGE; i += 7)
		CHECK(m[i] == (unsigned char)(i / PAGE + 1 + i % PAGE));
	m[PAGE + 5] = 99;
	CHECK(m[PAGE + 5] == 99 && m[PAGE + 6] == 8);
	CHECK(file_byte(fd, 2 * PAGE + 5) == 7);
	CHECK(munmap(m, 3 * PAGE) == 0);
}

// Catches: a shared mapping shows other bytes than read() and write(), also
// after a write-back has cleared W in the page's entry.
TEST(mmap_shared)
{
	int fd = numbered_file();
	unsigned char *m = map_file(fd, MAP_SHARED, FILE_PAGES, 0), c = 77;

	for (int round = 1; round < 4; round++) {
		m[PAGE] = round;
		CHECK(file_byte(fd, PAGE) == round);
		CHECK(msync(m, FILE_PAGES * PAGE, MS_SYNC) == 0);
	}
	CHECK(lseek(fd, 9, SEEK_SET) == 9 && write(fd, &c, 1) == 1);
	CHECK(m[9] == 77);
	CHECK(munmap(m, FILE_PAGES * PAGE) == 0);
	CHECK(file_byte(fd, PAGE) == 3);
}

// Catches: a child gets a copy of a shared file or of shared memory, whose
// pages are touched before or after the fork.
TEST(mmap_shared_by_child)
{
	unsigned char *m = map_file(numbered_file(), MAP_SHARED, 2, 0);
	unsigned char *a = map_file(-1, MAP_SHARED | MAP_ANONYMOUS, 2, 0);
	int pid;

	m[0] = a[0] = 1;
	pid = must_fork();
	if (pid == 0) {
		CHECK(m[0] == 1 && a[0] == 1);
		m[0] = m[PAGE] = a[0] = a[PAGE] = 5;
		passed();
	}
	expect_passed(pid);
	CHECK(m[0] == 5 && m[PAGE] == 5 && a[0] == 5 && a[PAGE] == 5);
}

// Catches: pages stay mapped after truncate has taken them from the file, or a
// mapping does not show the file when it has grown again.
TEST(mmap_truncate)
{
	int fd = numbered_file(), pid;
	volatile unsigned char *m = map_file(fd, MAP_SHARED, FILE_PAGES, 0);
	unsigned char c;

	m[3 * PAGE] = 42;
	CHECK(ftruncate(fd, PAGE + 100) == 0);
	CHECK(m[PAGE + 99] == 1 + 99 && m[PAGE + 100] == 0);
	pid = must_fork();
	if (pid == 0) {
		c = m[3 * PAGE];
		exit(c);
	}
	expect_status(pid, WAIT_KILLED(SIGBUS));
	pid = open("g", O_CREATE | O_RDWR);
	CHECK_ERROR(write(pid, (char *)m + 2 * PAGE, 1), EFAULT);
	CHECK(ftruncate(fd, FILE_PAGES * PAGE) == 0);
	CHECK(m[3 * PAGE] == 0);
	m[3 * PAGE] = 6;
	CHECK(file_byte(fd, 3 * PAGE) == 6);
}

// Catches: truncate and the faults of another process disturb each other: a
// page stays without a file, or a process is killed without a reason.
TEST(mmap_truncate_race)
{
	int fd = numbered_file(), pid = must_fork();
	volatile unsigned char *m;

	if (pid == 0) {
		for (int i = 0; i < 300; i++) {
			CHECK(ftruncate(fd, PAGE) == 0);
			CHECK(ftruncate(fd, FILE_PAGES * PAGE) == 0);
		}
		passed();
	}
	m = map_file(fd, MAP_SHARED, FILE_PAGES, 0);
	for (int i = 0; i < 300; i++) {
		char c = i;

		// The read may fail, because the file is empty. It must not
		// kill.
		lseek(fd, 2 * PAGE, SEEK_SET);
		(void)!write(fd, &c, 1);
		m[i % PAGE] = i;
		(void)!raw_syscall(SYS_read, fd, (int)m + 3 * PAGE, 1);
	}
	expect_passed(pid);
	CHECK(ftruncate(fd, FILE_PAGES * PAGE) == 0);
	m[4 * PAGE] = 1;
	CHECK(file_byte(fd, 4 * PAGE) == 1);
}

// Catches: a mapping that has ended still keeps a file or its frames.
TEST(mmap_leaves_nothing)
{
	int before = 0, fd;
	unsigned char *m;

	for (int round = 0; round < 4; round++) {
		if (round == 2) // the first ones warm up
			before = frames_available();
		fd = numbered_file();
		m = map_file(fd, round % 2 ? MAP_SHARED : MAP_PRIVATE,
			     FILE_PAGES, 0);
		close(fd);
		CHECK(unlink("f") == 0);
		for (int p = 0; p < FILE_PAGES; p++)
			m[p * PAGE] = 1;
		CHECK(munmap(m, FILE_PAGES * PAGE) == 0);
	}
	CHECK(frames_available() >= before);
}

// Catches: mprotect forgets pages, or an old right stays after it.
TEST(mmap_protect)
{
	volatile unsigned char *m =
		map_file(numbered_file(), MAP_PRIVATE, 3, 0);
	int pid;

	m[PAGE] = 9;
	CHECK(mprotect((void *)(m + PAGE), PAGE, PROT_NONE) == 0);
	pid = must_fork();
	if (pid == 0)
		exit(m[PAGE]);
	expect_status(pid, WAIT_KILLED(SIGSEGV));
	CHECK_ERROR(write(1, (char *)m + PAGE, 1), EFAULT);
	CHECK(mprotect((void *)(m + PAGE), PAGE, PROT_READ | PROT_WRITE) == 0);
	CHECK(m[PAGE] == 9);
	m[PAGE] = 10;
	CHECK(m[0] == 0 && m[PAGE] == 10 && m[2 * PAGE] == 2);
}

// Until tick `until`: lets a page of the file f go and come back.
static void
truncate_until(uint until)
{
	int fd = open("f", O_RDWR);

	while ((uint)uptime() < until) {
		CHECK(ftruncate(fd, 0) == 0);
		CHECK(ftruncate(fd, PAGE) == 0);
	}
	passed();
}

// Catches: a page that truncate frees while a write fault makes it writable in
// place. The kernel panics ("page is free"), or the frame gets two owners.
// read() does the writes, as it may fail when the page lies past the file's
// end.
TEST(mmap_unshare_against_truncate)
{
	uint until = uptime() + 5 * HZ;
	int fd = numbered_file(), pid = must_fork(), from;
	char *m = (char *)map_file(fd, MAP_PRIVATE, 1, 0);

	if (pid == 0)
		truncate_until(until);
	make_file("g", "x");
	from = open("g", O_RDONLY);
	while ((uint)uptime() < until) {
		CHECK(lseek(from, 0, SEEK_SET) == 0);
		(void)!read(from, m, 1);
		CHECK(mprotect(m, PAGE, PROT_READ) == 0);
		CHECK(mprotect(m, PAGE, PROT_READ | PROT_WRITE) == 0);
	}
	expect_passed(pid);
}
