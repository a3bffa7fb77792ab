// Large files, holes, and a disk that is full.
#include "user/usertests.h"

enum { CHUNK = 64 * 1024 };
static uint buf[CHUNK / 4];

static void
fill(uint seed)
{
	for (uint i = 0; i < countof(buf); i++)
		buf[i] = seed * 2654435761u + i;
}

static bool
filled(uint seed)
{
	for (uint i = 0; i < countof(buf); i++)
		if (buf[i] != seed * 2654435761u + i)
			return false;
	return true;
}

// Catches: a file gets wrong blocks where it passes from direct to indirect
// blocks, or from indirect to double-indirect ones.
TEST(big_file)
{
	enum { CHUNKS = 80 }; // 5 MB: into the double-indirect ones
	int fd = open("big", O_RDWR | O_CREATE);
	struct stat st;

	for (int i = 0; i < CHUNKS; i++) {
		fill(i);
		CHECK(write(fd, buf, CHUNK) == CHUNK);
	}
	CHECK(fstat(fd, &st) == 0 && st.size == CHUNKS * CHUNK);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	for (int i = 0; i < CHUNKS; i++) {
		CHECK(read(fd, buf, CHUNK) == CHUNK);
		CHECK(filled(i));
	}
	CHECK(read(fd, buf, CHUNK) == 0);
}

// Catches: a hole does not read as zeros, at offsets far beyond the size of the
// disk.
TEST(file_holes)
{
	static const int at[] = { 100, 50000, 5 << 20, 300 << 20, 1000 << 20 };
	int fd = open("holes", O_RDWR | O_CREATE);

	for (uint i = 0; i < countof(at); i++) {
		CHECK(lseek(fd, at[i], SEEK_SET) == at[i]);
		CHECK(write(fd, "mark", 4) == 4);
	}
	for (uint i = 0; i < countof(at); i++) {
		char c[12];

		CHECK(lseek(fd, at[i] - 8, SEEK_SET) == at[i] - 8);
		CHECK(read(fd, c, 12) == 12);
		CHECK(memcmp(c, "\0\0\0\0\0\0\0\0mark", 12) == 0);
	}
	CHECK(ftruncate(fd, 60) == 0);
	CHECK(lseek(fd, 0, SEEK_SET) == 0 && read(fd, buf, CHUNK) == 60);
}

// Catches: a write beyond the largest possible file succeeds.
TEST(file_too_big)
{
	int fd = open("f", O_RDWR | O_CREATE);

	CHECK(lseek(fd, 0x7ffffff0, SEEK_SET) == 0x7ffffff0);
	CHECK(write(fd, "0123456789012345678901234567890", 31) < 31);
	CHECK(ftruncate(fd, 0xffffffff) == -1);
}

// Catches: a read or write that crosses a page's border moves wrong bytes, at
// any alignment.
TEST(file_unaligned)
{
	static char out[30000], in[30000];
	int fd = open("f", O_RDWR | O_CREATE);

	for (uint i = 0; i < sizeof(out); i++)
		out[i] = i * 31 + (i >> 7);
	for (uint at = 0, n = 1; at < sizeof(out); n = n * 5 % 4099) {
		uint k = min_uint(n, sizeof(out) - at);

		CHECK(write(fd, out + at, k) == (int)k);
		at += k;
	}
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	for (uint at = 0, n = 1; at < sizeof(in); n = n * 7 % 5003) {
		uint k = min_uint(n, sizeof(in) - at);

		CHECK(read(fd, in + at, k) == (int)k);
		at += k;
	}
	CHECK(memcmp(in, out, sizeof(in)) == 0);
}

// Fills the disk. Returns how many bytes it took, or -1 if the disk is too
// large for a test to fill.
static int
fill_disk(int fd)
{
	int n, total = 0;

	while ((n = write(fd, buf, CHUNK)) > 0) {
		total += n;
		if (total > 96 << 20)
			return -1;
	}
	CHECK(n == 0 || errno == ENOSPC);
	return total;
}

// Catches: a full disk makes the kernel panic, loses blocks, or cannot be
// emptied again (PITFALLS 4, 47).
TEST(disk_full)
{
	int fd = open("all", O_RDWR | O_CREATE), first, second;
	struct stat st;

	first = fill_disk(fd);
	if (first < 0)
		return;
	CHECK(fstat(fd, &st) == 0 && (int)st.size == first);
	CHECK(mkdir("d") == 0 || errno == ENOSPC);
	CHECK(ftruncate(fd, 0) == 0);
	close(fd);
	CHECK(unlink("all") == 0);
	CHECK(sync() == 0);
	fd = open("all", O_RDWR | O_CREATE);
	CHECK(fd >= 0);
	second = fill_disk(fd);
	CHECK(second > first - (1 << 20) && second < first + (1 << 20));
	CHECK(ftruncate(fd, 0) == 0);
}

// Catches: the kernel panics when no inode is left (PITFALLS 5), or loses
// inodes.
TEST(inodes_full)
{
	enum { MAX = 6000 };
	int counts[2] = { 0, 0 };
	char name[16];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MAX; i++, counts[round]++) {
			snprintf(name, sizeof(name), "n%d", i);
			int fd = open(name, O_RDONLY | O_CREATE);

			if (fd < 0) {
				CHECK(errno == ENOSPC);
				break;
			}
			close(fd);
		}
		for (int i = 0; i < counts[round]; i++) {
			snprintf(name, sizeof(name), "n%d", i);
			CHECK(unlink(name) == 0);
		}
		if (counts[0] == MAX)
			return;
	}
	CHECK(counts[0] == counts[1]);
}
