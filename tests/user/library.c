// The C library, as it is compiled for the machine (the host tests see other
// instructions).
#include "user/usertests.h"

static bool prints(const char *want, const char *fmt, ...) __printf(2, 3);

static bool
prints(const char *want, const char *fmt, ...)
{
	char buf[80];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return strcmp(buf, want) == 0;
}

// Catches: the library's own 64-bit division is wrong, or printf takes an
// argument in a wrong size.
TEST(lib_format)
{
	uint32_t rem;

	CHECK(prints("18446744073709551615", "%llu", ~0ull));
	CHECK(prints("-9223372036854775808", "%lld",
		     -0x7fffffffffffffffll - 1));
	CHECK(prints("10000000000 5", "%lld %d", 10000000000ll, 5));
	CHECK(prints("123456789abcdef0", "%llx", 0x123456789abcdef0ull));
	CHECK(prints("0x00001234", "%p", (void *)0x1234));
	CHECK(prints("-2147483648|   42|00042|42   |", "%d|%5d|%05d|%-5d|",
		     -0x7fffffff - 1, 42, 42, 42));
	CHECK(prints("ab  |  ab|a", "%-4s|%4s|%.1s", "ab", "ab", "ab"));
	CHECK(div_u64(0xffffffff00000007ull, 0xffffffff, &rem) ==
	      0x100000000ull);
	CHECK(rem == 7);
}

// Catches: memmove copies in the wrong direction when source and target
// overlap, or leaves the direction flag set.
TEST(lib_overlap)
{
	uchar a[64], b[64];
	uint flags;

	for (int from = 0; from < 20; from++)
		for (int to = 0; to < 20; to++)
			for (int n = 0; n < 40; n++) {
				for (int i = 0; i < 64; i++)
					a[i] = b[i] = i;
				for (int i = 0; i < n; i++)
					b[to + i] = from + i;
				memmove(a + to, a + from, n);
				CHECK(memcmp(a, b, sizeof(a)) == 0);
			}
	asm volatile("pushfl; popl %0" : "=r"(flags));
	CHECK((flags & 0x400) == 0);
}

// Catches: memset or memcpy forgets or adds a byte when the length is no
// multiple of 4.
TEST(lib_fill)
{
	uchar a[40];

	for (uint at = 0; at < 5; at++)
		for (uint n = 0; n < 20; n++) {
			memset(a, 1, sizeof(a));
			memset(a + at, 0x102, n);
			for (uint i = 0; i < sizeof(a); i++)
				CHECK(a[i] == 1 + (i >= at && i < at + n));
		}
}

// Catches: a number is read wrongly, or a text that is no number counts as 0
// (`kill abc`).
TEST(lib_numbers)
{
	char *end;
	int n = 5;

	CHECK(strtol("  -12x", &end, 10) == -12 && *end == 'x');
	CHECK(strtol("0x1f", &end, 0) == 31 && *end == 0);
	CHECK(strtol("077", NULL, 0) == 63 && strtol("zz", NULL, 36) == 1295);
	errno = 0;
	CHECK(strtol("99999999999", NULL, 10) == 0x7fffffff);
	CHECK(errno == ERANGE);
	CHECK(strtol("-2147483648", NULL, 10) == -0x7fffffff - 1);
	CHECK(strtoul("4294967295", NULL, 10) == 0xffffffff);
	CHECK(parse_int("abc", &n) == -1 && parse_int("", &n) == -1);
	CHECK(parse_int("1x", &n) == -1 && parse_int(" 1", &n) == -1);
	CHECK(parse_int("99999999999", &n) == -1 && n == 5);
	CHECK(parse_int("-17", &n) == 0 && n == -17);
}

static int
compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return x < y ? -1 : x > y;
}

// Catches: qsort leaves its array unsorted.
TEST(lib_sort)
{
	int v[200];

	for (uint n = 0; n < countof(v); n++) {
		for (uint i = 0; i < n; i++)
			v[i] = rand() % (n < 100 ? 10 : 100000);
		qsort(v, n, sizeof(v[0]), compare_ints);
		for (uint i = 1; i < n; i++)
			CHECK(v[i - 1] <= v[i]);
	}
}

// Catches: a line is lost when it is long or arrives in two pieces (PITFALLS
// 53).
TEST(lib_lines)
{
	struct reader r;
	int fd[2], pid;
	size_t len;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		dprintf(fd[1], "REA");
		sleep(3);
		dprintf(fd[1], "DME\n\n");
		for (int i = 0; i < 500; i++)
			dprintf(fd[1], "%d,", 1000 + i);
		dprintf(fd[1], "\nend");
		passed();
	}
	close(fd[1]);
	reader_init(&r, fd[0]);
	CHECK(reader_line(&r, &len) == 1 && strcmp(r.line, "README") == 0);
	CHECK(reader_line(&r, &len) == 1 && len == 0);
	CHECK(reader_line(&r, &len) == 1 && len == 2500);
	CHECK(reader_line(&r, &len) == 1 && strcmp(r.line, "end") == 0);
	CHECK(reader_line(&r, &len) == 0);
	expect_passed(pid);
}

// Catches: dup2 returns another number, or leaves a descriptor open.
TEST(lib_dup2)
{
	int fd = open("f", O_RDWR | O_CREATE);

	CHECK(dup2(fd, 12) == 12);
	CHECK(write(12, "twelve", 6) == 6);
	CHECK(file_is("f", "twelve"));
	CHECK(dup2(fd, fd) == fd);
	CHECK(dup(fd) == fd + 1);
	CHECK_ERROR(dup2(25, 3), EBADF);
	CHECK_ERROR(dup2(fd, NOFILE), EBADF);
}

// Catches: a program survives a failed assert.
TEST_WANT(lib_assert, WAIT_EXITED(134))
{
	volatile int zero = 0;

	close(2);
	assert(zero);
}
