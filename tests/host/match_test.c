// Catches: grep's matching disagreeing with what user/lib/match.h promises, and
// patterns that run past their own end.
#include <stdio.h>
#include "user/lib/match.c"

static const struct {
	const char *pattern, *text;
	bool want;
} cases[] = {
	{"", "anything", true},
	{"abc", "xxabcxx", true},
	{"abc", "ab", false},
	{"^abc", "abcd", true},
	{"^abc", "xabc", false},
	{"abc$", "xabc", true},
	{"abc$", "abcx", false},
	{"^$", "", true},
	{"^$", "x", false},
	{"a.c", "abc", true},
	{"a.c", "ac", false},
	{"ab*c", "ac", true},
	{"ab*c", "abbbbc", true},
	{"ab*c", "adc", false},
	{"ab+c", "ac", false},
	{"ab+c", "abbc", true},
	{"ab?c", "ac", true},
	{"ab?c", "abc", true},
	{"ab?c", "abbc", false},
	{"a.*z", "a---z---", true},
	{"[abc]x", "bx", true},
	{"[abc]x", "dx", false},
	{"[a-c]x", "bx", true},
	{"[^a-c]x", "bx", false},
	{"[^a-c]x", "dx", true},
	{"[]]", "]", true},
	{"[^]]", "]", false},
	{"[a-]", "-", true},
	{"^[0-9]+$", "12345", true},
	{"^[0-9]+$", "123a5", false},
	{"a\\.b", "a.b", true},
	{"a\\.b", "axb", false},
	{"\\$", "5$", true},
	{"a$b", "a$b", true},
	{"[abc", "[abc", true},
	{"\\", "\\", true},
	{"*a", "*a", true},
	{"x*", "", true},
	{ "a*a*a*b", "aaaaaaaaaaaaaa", false },
	{"[", "[", true},
	{"[^", "[^", true},
	{"^*", "*", true},
	{"[a-c]*d", "abcabcd", true},
	{"\xe9", "caf\xe9", true},
	{"[\xe0-\xff]", "caf\xe9", true},
};

int
main(void)
{
	int failures = 0;

	for (uint i = 0; i < countof(cases); i++) {
		if (match(cases[i].pattern, cases[i].text) == cases[i].want)
			continue;
		failures++;
		fprintf(stderr, "match_test: `%s' in `%s'\n", cases[i].pattern,
			cases[i].text);
	}
	return failures != 0;
}
