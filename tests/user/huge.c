// A file larger than memory, in steps that tests/boot/test_big.py asks for by
// name (`usertests MEGABYTES huge_write`). The machine may start again between
// two steps. No two words of the file are equal, so that the test sees a page
// from a wrong place, or a page that came twice.
#include "user/usertests.h"

enum {
	CHUNK = 64 * 1024,
	CHUNKS = (1 << 20) / CHUNK, // of a megabyte
	PAGE = 4096,
};
static const char *const name = "/huge";
static uint buf[CHUNK / 4];

static uint
word(uint number)
{
	return number * 2654435761u ^ 0x5a17c0de;
}

// Opens the file and seeks to megabyte `at`.
static int
open_at(int flags, int at)
{
	int fd = open(name, flags);

	CHECK(fd >= 0);
	CHECK(lseek(fd, at << 20, SEEK_SET) == at << 20);
	return fd;
}

static void
read_megabyte(int fd, int mb)
{
	uint number = (uint)mb << 18;

	for (int i = 0; i < CHUNKS; i++) {
		CHECK(read(fd, buf, CHUNK) == CHUNK);
		for (uint j = 0; j < countof(buf); j++)
			CHECK(buf[j] == word(number + j));
		number += countof(buf);
	}
}

static void
say_time(const char *what, int since)
{
	int ticks = uptime() - since;

	printf("%s %d MB: %d.%02d s\n", what, test_number, ticks / HZ,
	       ticks % HZ);
}

// Catches: blocks or tables are mixed up when there are many, or memory is not
// freed after it has been written to disk.
LONG_TEST(huge_write)
{
	int fd = open_at(O_WRONLY | O_CREATE | O_TRUNC, 0), start = uptime();
	uint number = 0;

	for (int i = 0; i < test_number * CHUNKS; i++) {
		for (uint j = 0; j < countof(buf); j++)
			buf[j] = word(number++);
		CHECK(write(fd, buf, CHUNK) == CHUNK);
	}
	CHECK(fsync(fd) == 0);
	say_time("wrote", start);
}

// Catches: read-ahead or the cache returns a wrong page, when the file is read
// forwards, or backwards in steps of 7 MB.
LONG_TEST(huge_read)
{
	int fd = open_at(O_RDONLY, 0), start = uptime();
	struct stat st;

	CHECK(fstat(fd, &st) == 0 && st.size == (uint)test_number << 20);
	for (int mb = 0; mb < test_number; mb++)
		read_megabyte(fd, mb);
	CHECK(read(fd, buf, CHUNK) == 0);
	say_time("read", start);
	for (int mb = test_number - 1; mb >= 0; mb -= 7) {
		CHECK(lseek(fd, mb << 20, SEEK_SET) == mb << 20);
		read_megabyte(fd, mb);
	}
}

// Catches: the same in a mapping, where there is no read-ahead.
LONG_TEST(huge_map)
{
	uint len = min_uint(test_number, 256) << 20;
	int fd = open_at(O_RDONLY, 0), start = uptime();
	volatile uint *map = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);

	CHECK(map != MAP_FAILED);
	for (uint at = 0; at < len; at += PAGE)
		CHECK(map[at / 4 + at / PAGE % 1024] ==
		      word(at / 4 + at / PAGE % 1024));
	say_time("mapped", start);
}

// Catches: the removal of a large file does not fit into a transaction.
LONG_TEST(huge_remove)
{
	int start = uptime();

	CHECK(unlink(name) == 0);
	CHECK(sync() == 0);
	say_time("removed", start);
}
