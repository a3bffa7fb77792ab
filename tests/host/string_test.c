// Catches: memmove copying in the wrong direction, a length that is off by one
// at either end, signed comparison of bytes, a search that runs past the end.
//
// Every function is compared with the host's own over all small sizes,
// alignments and overlaps.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define memset cr3_memset
#define memcpy cr3_memcpy
#define memmove cr3_memmove
#define memcmp cr3_memcmp
#define memchr cr3_memchr
#define strlen cr3_strlen
#define strnlen cr3_strnlen
#define strcmp cr3_strcmp
#define strncmp cr3_strncmp
#define strchr cr3_strchr
#define strrchr cr3_strrchr
#define strstr cr3_strstr
#define strcpy cr3_strcpy
#define strncpy cr3_strncpy
#define strlcpy cr3_strlcpy
#include "lib/string.c"

static int failures;

static void
check(bool ok, const char *what, int a, int b, int c)
{
	if (ok)
		return;
	failures++;
	fprintf(stderr, "string_test: %s fails at %d %d %d\n", what, a, b, c);
}

static bool
same(const char *a, const char *b, int n)
{
	for (int i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

enum { SPAN = 40 };

static void
fill(char *a)
{
	for (int i = 0; i < SPAN; i++)
		a[i] = i + 1;
}

static void
test_moves(void)
{
	for (int from = 0; from < 12; from++)
		for (int to = 0; to < 12; to++)
			for (int n = 0; n < 20; n++) {
				char a[SPAN], b[SPAN];

				fill(a);
				fill(b);
				for (int i = 0; i < n; i++)
					b[to + i] = from + i + 1;
				memmove(a + to, a + from, n);
				check(same(a, b, SPAN), "memmove", from, to, n);
			}
}

static void
test_fills(void)
{
	for (int at = 0; at < 8; at++)
		for (int n = 0; n < 20; n++) {
			char a[SPAN], b[SPAN], src[SPAN];

			fill(a);
			fill(b);
			fill(src);
			for (int i = 0; i < n; i++)
				b[at + i] = (char)0xa5;
			memset(a + at, 0x7a5, n);
			check(same(a, b, SPAN), "memset", at, n, 0);
			for (int i = 0; i < n; i++)
				b[at + i] = src[20 + i];
			memcpy(a + at, src + 20, n);
			check(same(a, b, SPAN), "memcpy", at, n, 0);
		}
}

static int
sign(int n)
{
	return n < 0 ? -1 : n > 0;
}

static void
test_compare(void)
{
	static const char *const s[] = {"",  "a",    "ab",    "abc",   "abd",
					"b", "\xff", "a\xff", "ab\x80"};

	for (int i = 0; i < (int)countof(s); i++)
		for (int j = 0; j < (int)countof(s); j++) {
#undef strcmp
#undef strncmp
#undef memcmp
			int all = sign(strcmp(s[i], s[j]));
			int two = sign(strncmp(s[i], s[j], 2));
			int mem = sign(memcmp(s[i], s[j], 1));

			check(sign(cr3_strcmp(s[i], s[j])) == all, "strcmp", i,
			      j, 0);
			check(sign(cr3_strncmp(s[i], s[j], 2)) == two,
			      "strncmp", i, j, 0);
			check(sign(cr3_memcmp(s[i], s[j], 1)) == mem, "memcmp",
			      i, j, 0);
		}
}

static void
test_search(void)
{
	const char *s = "hello, world";

	check(strlen(s) == 12, "strlen", 0, 0, 0);
	check(strnlen(s, 5) == 5, "strnlen", 5, 0, 0);
	check(strnlen(s, 50) == 12, "strnlen", 50, 0, 0);
	check(strchr(s, 'o') == s + 4, "strchr", 'o', 0, 0);
	check(strchr(s, 0) == s + 12, "strchr", 0, 0, 0);
	check(!strchr(s, 'x'), "strchr", 'x', 0, 0);
	check(strrchr(s, 'o') == s + 8, "strrchr", 'o', 0, 0);
	check(strrchr(s, 0) == s + 12, "strrchr", 0, 0, 0);
	check(!memchr(s, 'w', 7), "memchr", 7, 0, 0);
	check(memchr(s, 'w', 8) == s + 7, "memchr", 8, 0, 0);
	check(strstr(s, "o, w") == s + 4, "strstr", 0, 0, 0);
	check(strstr(s, "") == s, "strstr", 1, 0, 0);
	check(!strstr(s, "worlds"), "strstr", 2, 0, 0);
}

// In memory of the exact size, so that the sanitizer sees a byte too many.
static void
test_copies(void)
{
	for (size_t size = 1; size < 8; size++) {
		char *d = malloc(size);

		check(strlcpy(d, "four", size) == 4, "strlcpy", size, 0, 0);
		check(d[size < 5 ? size - 1 : 4] == 0, "strlcpy's end", size, 0,
		      0);
		strncpy(d, "four", size);
		check(d[size - 1] == (size < 5 ? "four"[size - 1] : 0),
		      "strncpy", size, 0, 0);
		free(d);
	}
	char *d = malloc(5);

	strcpy(d, "four");
	check(same(d, "four", 5), "strcpy", 0, 0, 0);
	free(d);
}

int
main(void)
{
	test_moves();
	test_fills();
	test_compare();
	test_search();
	test_copies();
	return failures != 0;
}
