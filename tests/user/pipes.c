// Pipes: ends, order, blocking.
#include "user/usertests.h"

static int fd[2];

// Catches: a reader sleeps for ever after the last writer has closed.
TEST(pipe_end_of_file)
{
	char c;
	int pid;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		close(fd[1]);
		CHECK(read(fd[0], &c, 1) == 1 && c == 'x');
		CHECK(read(fd[0], &c, 1) == 0);
		CHECK(read(fd[0], &c, 1) == 0);
		passed();
	}
	close(fd[0]);
	CHECK(write(fd[1], "x", 1) == 1);
	sleep(2);
	close(fd[1]);
	expect_passed(pid);
}

// Catches: a write to a pipe without a reader succeeds (PITFALLS 48).
TEST(pipe_without_reader)
{
	CHECK(pipe(fd) == 0);
	close(fd[0]);
	CHECK_ERROR(write(fd[1], "x", 1), EPIPE);
}

// Catches: a writer on a full pipe sleeps on after the last reader has closed.
TEST(pipe_reader_leaves)
{
	static char buf[65536];
	int pid;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		close(fd[0]);
		while (write(fd[1], buf, sizeof(buf)) > 0)
			;
		CHECK(errno == EPIPE);
		passed();
	}
	wait_until_asleep(pid);
	close(fd[0]);
	expect_passed(pid);
}

enum { TRANSFER = 300000 };

static uchar
byte_at(uint i)
{
	return i * 7 + (i >> 8);
}

// Writes the bytes in pieces of many sizes.
static void
transfer(void)
{
	static uchar buf[9000];
	uint at = 0, size = 1;

	while (at < TRANSFER) {
		uint n = min_uint(size, TRANSFER - at);

		for (uint i = 0; i < n; i++)
			buf[i] = byte_at(at + i);
		CHECK(write(fd[1], buf, n) == (int)n);
		at += n;
		size = size * 3 % 8999 + 1;
	}
}

// Catches: bytes are lost, doubled or in a wrong order where the buffer wraps
// around.
TEST(pipe_transfer)
{
	static uchar buf[5000];
	uint at = 0, size = 4000;
	int pid, n;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		close(fd[0]);
		transfer();
		passed();
	}
	close(fd[1]);
	while ((n = read(fd[0], buf, size)) > 0) {
		CHECK(n <= (int)size);
		for (int i = 0; i < n; i++)
			CHECK(buf[i] == byte_at(at + i));
		at += n;
		size = size * 5 % 4999 + 1;
	}
	CHECK(n == 0 && at == TRANSFER);
	expect_passed(pid);
}

// Catches: a pipe holds less than a page.
TEST(pipe_holds_a_page)
{
	static char buf[4096];

	CHECK(pipe(fd) == 0);
	CHECK(write(fd[1], buf, 4096) == 4096);
	CHECK(read(fd[0], buf, 4096) == 4096);
}

// Catches: a read waits until all the bytes that it asked for are there.
TEST(pipe_short_read)
{
	char buf[100];

	CHECK(pipe(fd) == 0);
	CHECK(write(fd[1], "abc", 3) == 3);
	CHECK(read(fd[0], buf, sizeof(buf)) == 3);
	CHECK(memcmp(buf, "abc", 3) == 0);
}

// Catches: the two ends are exchanged, or a pipe accepts lseek.
TEST(pipe_wrong_use)
{
	char c = 0;

	CHECK(pipe(fd) == 0);
	CHECK_ERROR(read(fd[1], &c, 1), EBADF);
	CHECK_ERROR(write(fd[0], &c, 1), EBADF);
	CHECK_ERROR(lseek(fd[0], 0, SEEK_SET), ESPIPE);
	CHECK(read(fd[0], &c, 0) == 0);
	CHECK(write(fd[1], &c, 0) == 0);
}

static void
block_reading(void)
{
	char c;

	read(fd[0], &c, 1);
}

static void
block_writing(void)
{
	static char buf[65536];

	for (;;)
		write(fd[1], buf, sizeof(buf));
}

// Catches: a process that sleeps in a pipe cannot be killed.
TEST(pipe_kill_sleepers)
{
	static void (*const blocks[])(void) = { block_reading, block_writing };

	for (int i = 0; i < 2; i++) {
		int pid;

		CHECK(pipe(fd) == 0);
		pid = must_fork();
		if (pid == 0) {
			blocks[i]();
			passed();
		}
		wait_until_asleep(pid);
		CHECK(kill(pid) == 0);
		expect_status(pid, WAIT_KILLED(SIGKILL));
		close(fd[0]);
		close(fd[1]);
	}
}

// Catches: one end of a pipe is lost when there is no descriptor for the other
// end.
TEST(pipe_no_descriptors)
{
	int count = 0, half;

	while (pipe(fd) == 0)
		count++;
	CHECK(errno == EMFILE && count >= 6);
	half = dup(0);
	if (half < 0) {
		CHECK(close(fd[1]) == 0);
		CHECK_ERROR(pipe(fd), EMFILE);
	} else {
		CHECK_ERROR(pipe(fd), EMFILE);
		CHECK_ERROR(close(half + 1), EBADF);
	}
}

// Catches: pieces of a page or less from many writers get mixed.
TEST(pipe_writers_do_not_mix)
{
	enum { WRITERS = 4, ROUNDS = 50, PIECE = 512 };
	static char buf[PIECE];
	int n = 0, got;

	CHECK(pipe(fd) == 0);
	for (int w = 0; w < WRITERS; w++) {
		if (must_fork() > 0)
			continue;
		memset(buf, 'a' + w, PIECE);
		for (int i = 0; i < ROUNDS; i++)
			CHECK(write(fd[1], buf, PIECE) == PIECE);
		passed();
	}
	close(fd[1]);
	for (;; n++) {
		int have = 0;

		while ((got = read(fd[0], buf + have, PIECE - have)) > 0)
			have += got;
		if (have == 0)
			break;
		CHECK(have == PIECE && buf[0] == buf[PIECE - 1]);
		CHECK(buf[0] == buf[PIECE / 2]);
	}
	CHECK(n == WRITERS * ROUNDS);
	for (int w = 0; w < WRITERS; w++)
		CHECK(wait() > 0);
}
