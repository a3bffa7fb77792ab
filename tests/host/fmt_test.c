// Catches: a conversion that prints something else than C says, a length that
// is not the whole text's, a byte written behind the buffer, INT_MIN, 64 bits.
//
// Every case is formatted by the host's snprintf too, over many widths,
// precisions and flags, and the two must agree.
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define vsnprintf cr3_vsnprintf
#define snprintf cr3_snprintf
#define fmt_put cr3_fmt_put
#define div_u64 cr3_div_u64
#include "lib/fmt.c"
#undef snprintf

static int failures;

static void
compare(const char *format, int n, const char *got, int host_n,
	const char *host)
{
	if (n == host_n && strcmp(got, host) == 0)
		return;
	failures++;
	fprintf(stderr, "fmt_test: %s: `%s' (%d), the host: `%s' (%d)\n",
		format, got, n, host, host_n);
}

#pragma GCC diagnostic ignored "-Wformat" // wrong formats are tested too
#pragma GCC diagnostic ignored "-Wformat-overflow"
#define CHECK(format, ...)                                                     \
	do {                                                                   \
		char a[200], b[200];                                           \
		int na = cr3_snprintf(a, sizeof(a), format, ##__VA_ARGS__);    \
		int nb = snprintf(b, sizeof(b), format, ##__VA_ARGS__);        \
                                                                               \
		compare(format, na, a, nb, b);                                 \
	} while (0)

static const char *const flags[] = { "",  "-",  "0",  "+",   " ",  "#",
				    "-0", "+0", " 0", "#0", "-#", "+-"};
static const char *const widths[] = { "", "1", "5", "12", "30" };
static const char *const precs[] = { "", ".", ".0", ".1", ".3", ".8", ".25" };

// Writes "%flags width precision size letter".
static const char *
build(char *buf, int f, int w, int p, const char *end)
{
	snprintf(buf, 40, "%%%s%s%s%s", flags[f], widths[w], precs[p], end);
	return buf;
}

static void
test_ints(const char *format)
{
	static const int values[] = {0,	 1,    -1,    9,       10,
				     42, -300, 65536, INT_MAX, INT_MIN};

	for (uint i = 0; i < countof(values); i++)
		CHECK(format, values[i]);
}

static void
test_long_longs(const char *format)
{
	static const long long values[] = {
		0,	    7,		 -1,	       4294967295,
		4294967296, 10000000000, -99999999999, LLONG_MAX,
		LLONG_MIN,
	};

	for (uint i = 0; i < countof(values); i++)
		CHECK(format, values[i]);
}

static void
test_numbers(int f, int w, int p)
{
	static const char *const ints[] = { "d", "i", "u", "x", "X", "o",
					   "hd", "hu", "hhd", "hhu", "hx"};
	static const char *const longs[] = { "lld", "llu", "llx", "llo" };
	char format[40];

	for (uint i = 0; i < countof(ints); i++)
		test_ints(build(format, f, w, p, ints[i]));
	for (uint i = 0; i < countof(longs); i++)
		test_long_longs(build(format, f, w, p, longs[i]));
	CHECK(build(format, f, w, p, "ld"), LONG_MIN);
	CHECK(build(format, f, w, p, "lu"), ULONG_MAX);
	CHECK(build(format, f, w, p, "zu"), SIZE_MAX);
}

static void
test_text(void)
{
	static const char unended[3] = { 'a', 'b', 'c' };

	CHECK("nothing");
	CHECK("%%");
	CHECK("%c%c", 'a', 'z');
	CHECK("[%5c][%-5c]", 'a', 'b');
	CHECK("[%s][%10s][%-10s]", "", "right", "left");
	CHECK("[%.2s][%10.3s][%.0s]", "hello", "hello", "hello");
	CHECK("%.3s", unended);
	CHECK("[%*d][%-*d][%*d]", 6, 1, 6, 2, -6, 3);
	CHECK("[%.*d][%.*s]", 4, 1, 2, "abc");
	CHECK("[%.*d]", -1, 5);
	CHECK("%s and %d and %s", "a", 1, "b");
}

// What the host does otherwise, or does not define.
static void
test_ours(void)
{
	char buf[40];

	cr3_snprintf(buf, sizeof(buf), "%s", (char *)NULL);
	compare("%s NULL", 0, buf, 0, "(null)");
	cr3_snprintf(buf, sizeof(buf), "a%qb%d", 7);
	compare("%q", 0, buf, 0, "a%qb7");
	cr3_snprintf(buf, sizeof(buf), "50%");
	compare("% at the end", 0, buf, 0, "50%");
	cr3_snprintf(buf, sizeof(buf), "%p", (void *)0x1234);
	compare("%p", 0, buf, 0,
		sizeof(void *) == 4 ? "0x00001234" : "0x0000000000001234");
}

// Memory of the exact size: the sanitizer sees a byte too many.
static void
test_cut(void)
{
	for (size_t size = 0; size < 10; size++) {
		char *buf = malloc(size + 1);
		int n;

		memset(buf, '!', size + 1);
		n = cr3_snprintf(buf, size, "%d-%s", 1234, "abc");
		if (n != 8 || buf[size] != '!' ||
		    (size > 0 && strncmp(buf, "1234-abc", strlen(buf)) != 0) ||
		    (size > 0 && strlen(buf) != (size < 9 ? size - 1 : 8))) {
			failures++;
			fprintf(stderr, "fmt_test: cut to %zu\n", size);
		}
		free(buf);
	}
}

static void
test_div(void)
{
	static const uint64_t n[] = {0,
				     1,
				     9,
				     10,
				     0xffffffff,
				     0x100000000,
				     0x123456789abcdef0,
				     UINT64_MAX};
	static const uint32_t d[] = { 1, 2, 3, 10, 0x7fffffff, 0xffffffff };

	for (uint i = 0; i < countof(n); i++)
		for (uint j = 0; j < countof(d); j++) {
			uint32_t rem = 1;

			if (div_u64(n[i], d[j], &rem) == n[i] / d[j] &&
			    rem == n[i] % d[j])
				continue;
			failures++;
			fprintf(stderr, "fmt_test: div %u %u\n", i, j);
		}
}

int
main(void)
{
	for (uint f = 0; f < countof(flags); f++)
		for (uint w = 0; w < countof(widths); w++)
			for (uint p = 0; p < countof(precs); p++)
				test_numbers(f, w, p);
	test_text();
	test_ours();
	test_cut();
	test_div();
	return failures != 0;
}
