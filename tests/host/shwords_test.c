// Catches: patterns of file names that fit what they should not, or fail on
// what they should fit; sums of the shell with a wrong value, or taken for
// sums.
#include "check.h"
#include <stdlib.h>
#include <string.h>
#include "user/lib/globmatch.c"
#include "user/lib/shsum.c"

static const struct {
	const char *pattern, *name;
	bool fits;
} patterns[] = {
	{"*", "a", true},	  {"*", "", true},
	{"*", ".a", false},	  {".*", ".a", true},
	{"a*", "abc", true},	  {"a*", "b", false},
	{"*c", "abc", true},	  {"*b*", "abc", true},
	{"a*c*e", "abcde", true}, {"a*c*e", "abcd", false},
	{"?", "a", true},	  {"?", "", false},
	{"a?c", "abc", true},	  {"[abc]", "b", true},
	{"[abc]", "d", false},	  {"[a-c]x", "bx", true},
	{"[!a-c]", "d", true},	  {"[!a-c]", "b", false},
	{"[^a]", "a", false},	  {"[]]", "]", true},
	{"[a", "[a", true},	  {"[a", "a", false},
	{"\\*", "*", true},	  {"\\*", "a", false},
	{"a\\?", "a?", true},	  {"a\\?", "ab", false},
	{"**a**", "bab", true},	  {"[a-]", "-", true},
	{"", "", true},		  {"", "a", false},
	{"*.c", "x.c.c", true},	  {"[\\]]", "]", true},
};

static int
value(const char *name, void *arg)
{
	return strcmp(name, "five") == 0 ? 5 : 0;
}

static const struct {
	const char *text;
	int want, error;
} sums[] = {
	{"1", 1, 0},
	{" 1 + 2 * 3 ", 7, 0},
	{"(1+2)*3", 9, 0},
	{"10-2-3", 5, 0},
	{"-3 + five", 2, 0},
	{"7/2", 3, 0},
	{"7%4", 3, 0},
	{"2<3", 1, 0},
	{"3<=2", 0, 0},
	{"2==2", 1, 0},
	{"2!=2", 0, 0},
	{"1+1>1", 1, 0},
	{"nothing", 0, 0},
	{"1/0", 0, -1},
	{"1%0", 0, -1},
	{"", 0, -1},
	{"1 2", 0, -1},
	{"(1", 0, -1},
	{"1)", 0, -1},
	{"+", 0, -1},
	{"1 $", 0, -1},
	{ "-2147483648 / -1", -2147483647 - 1, 0 },
	{ "2147483647 + 1", -2147483647 - 1, 0 },
	{ "-2147483648 % -1", 0, 0 },
};

// Random text: the sanitizers see a stray access; each call ends.
static void
test_noise(void)
{
	static const char set[] = "a*?[]!-\\.b";
	static const char sum[] = "1(+-*/%<=>! a)9";
	char p[16], s[16], t[40];
	int r;

	for (int i = 0; i < 200000; i++) {
		for (uint k = 0; k < sizeof(p); k++) {
			p[k] = k + 1 < sizeof(p) ? set[rand() % 10] : 0;
			s[k] = k + 1 < sizeof(s) ? set[rand() % 10] : 0;
		}
		p[rand() % sizeof(p)] = s[rand() % sizeof(s)] = 0;
		glob_match(p, s);
		for (uint k = 0; k < sizeof(t); k++)
			t[k] = k + 1 < sizeof(t) ? sum[rand() % 15] : 0;
		t[rand() % sizeof(t)] = 0;
		(void)!sh_sum(t, value, NULL, &r);
	}
}

int
main(void)
{
	int r;

	for (uint i = 0; i < countof(patterns); i++)
		check(glob_match(patterns[i].pattern, patterns[i].name) ==
			      patterns[i].fits,
		      patterns[i].pattern, patterns[i].name, i);
	for (uint i = 0; i < countof(sums); i++) {
		int err = sh_sum(sums[i].text, value, NULL, &r);

		check(err == sums[i].error && (err || r == sums[i].want),
		      sums[i].text, "sum", i);
	}
	test_noise();
	return failures > 0;
}
