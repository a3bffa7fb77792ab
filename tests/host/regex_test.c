// Catches: regular expressions (user/libc/reg*.c) that match something else
// than the host's own, or that read beyond their memory or without end.
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "check.h"

#define FOUND 10
#define WRONG 100 // the pattern is no pattern
#define countof(a) (sizeof(a) / sizeof((a)[0]))

// ---- The host's own ---------------------------------------------------------

static int
host_match(const char *pattern, int flags, const char *text, int at[2 * FOUND])
{
	regmatch_t m[FOUND];
	regex_t r;
	int result;

	if (regcomp(&r, pattern, flags & 1 ? REG_EXTENDED : 0) != 0)
		return WRONG;
	result = regexec(&r, text, FOUND, m, 0) ? 1 : 0;
	regfree(&r);
	for (int i = 0; i < FOUND && !result; i++) {
		at[2 * i] = m[i].rm_so;
		at[2 * i + 1] = m[i].rm_eo;
	}
	return result;
}

// ---- Ours, under other names ------------------------------------------------

#undef REG_EXTENDED
#undef REG_ICASE
#undef REG_NEWLINE
#undef REG_NOSUB
#undef REG_NOTBOL
#undef REG_NOTEOL
#define regex_t	    our_regex_t
#define regmatch_t  our_regmatch_t
#define regoff_t    our_regoff_t
#define regcomp	    our_regcomp
#define regexec	    our_regexec
#define regerror    our_regerror
#define regfree	    our_regfree
#undef REG_NOMATCH
#define REG_NOMATCH OUR_NOMATCH
#undef REG_BADPAT
#define REG_BADPAT OUR_BADPAT
#undef REG_ECOLLATE
#define REG_ECOLLATE OUR_ECOLLATE
#undef REG_ECTYPE
#define REG_ECTYPE OUR_ECTYPE
#undef REG_EESCAPE
#define REG_EESCAPE OUR_EESCAPE
#undef REG_ESUBREG
#define REG_ESUBREG OUR_ESUBREG
#undef REG_EBRACK
#define REG_EBRACK OUR_EBRACK
#undef REG_EPAREN
#define REG_EPAREN OUR_EPAREN
#undef REG_EBRACE
#define REG_EBRACE OUR_EBRACE
#undef REG_BADBR
#define REG_BADBR OUR_BADBR
#undef REG_ERANGE
#define REG_ERANGE OUR_ERANGE
#undef REG_ESPACE
#define REG_ESPACE OUR_ESPACE
#undef REG_BADRPT
#define REG_BADRPT OUR_BADRPT
#include "user/libc/regcomp.c"
#define add add_one // two files have a function of that name
#include "user/libc/regset.c"
#undef add
#define group group_of
#define step step_of
#include "user/libc/regexec.c"

static int
our_match(const char *pattern, int flags, const char *text, int at[2 * FOUND])
{
	regmatch_t m[FOUND];
	regex_t r;
	int result;

	if (regcomp(&r, pattern, flags))
		return WRONG;
	result = regexec(&r, text, FOUND, m, 0);
	regfree(&r);
	for (int i = 0; i < FOUND && !result; i++) {
		at[2 * i] = m[i].rm_so;
		at[2 * i + 1] = m[i].rm_eo;
	}
	return result;
}

// ---- Both -------------------------------------------------------------------

static void
compare(const char *pattern, int flags, const char *text)
{
	int host[2 * FOUND] = { 0 }, ours[2 * FOUND] = { 0 };
	int h = host_match(pattern, flags, text, host);
	int o = our_match(pattern, flags, text, ours);

	if (h == o && memcmp(host, ours, sizeof(host)) == 0)
		return;
	printf("flags %d, '%s' on '%s': host %d %d-%d, ours %d %d-%d\n", flags,
	       pattern, text, h, host[0], host[1], o, ours[0], ours[1]);
	failures++;
}

// Letters and operators at random. Left out is what POSIX leaves open, and what
// the host adds: a { that is no operator, \b.
static void
compare_random(void)
{
	static const char *const pieces[] = {
		"a",	 "b",	 "c",		"a",	"b", "ab",  ".",
		"*",	 "[ab]", "[^a]",	"^",	"$", "|",   "(",
		")",	 "\\(",	 "\\)",		"+",	"?", "{2}", "\\{1,2\\}",
		"{0,1}", "\\1",	 "[[:alpha:]]", "[b-c]"};
	int n, flags = rand() % 2, at[2 * FOUND];
	char pattern[64], text[16];

	pattern[0] = 0;
	for (n = rand() % 8; n >= 0; n--)
		strcat(pattern,
		       pieces[rand() % (sizeof(pieces) / sizeof(*pieces))]);
	n = rand() % 12;
	for (int i = 0; i < n; i++)
		text[i] = "abc"[rand() % 3];
	text[n] = 0;
	// What the host says of an empty group differs from loop to loop, and
	// of a { with nothing before it from kind to kind.
	if (strchr(pattern, '{') || strstr(pattern, "\\1") ||
	    strstr(pattern, "()") || strstr(pattern, "\\(\\)") ||
	    strstr(pattern, "(|") || strstr(pattern, "|)"))
		our_match(pattern, flags, text, at);
	else if (host_match(pattern, flags, text, at) != WRONG)
		compare(pattern, flags, text);
}

static const struct {
	int flags;
	const char *pattern, *text;
} known_rows[] = {
	{ 0, "\\(a*\\)b\\1", "aabaa" },
	{ 0, "\\(ab*\\)*x", "abbabx" },
	{ 0, "a\\{2,3\\}", "caaaac" },
	{ 0, "*a", "x*a" },
	{ 0, "^*a", "*a" },
	{ 0, "a^b$c", "xa^b$c" },
	{ 0, "\\(^a\\)", "ba" },
	{ 0, "[]a]*", "]a]b" },
	{ 0, "[a-]*", "a-a" },
	{ 0, "[^]]*", "ab]" },
	{ 1, "(a|ab)(c|bcd)(d*)", "abcd" },
	{ 1, "(a+|b+){2,}", "aabbab" },
	{ 1, "x*", "aaa" },
	{ 1, "()b", "ab" },
	{ 1, "(a*)+", "b" },
	{ 1, "[[:digit:]]+\\.[[:digit:]]*", "pi 3.14" },
	{ 1, "^(([^:/?#]+):)?(//([^/?#]*))?", "http://host/x" },
	{ 1, "a{0}b", "ab" },
	{ 1, "(foo|foobar)*", "foobarfoo" },
	{ 1, "[[:nothing:]]", "a" },
	{ 1, "[b-a]", "a" },
	{ 1, "(a", "a" },
	{ 1, "a{2,1}", "a" },
	{ 1, "[a", "a" },
	{ 0, "a\\", "a" },
	{ 0, "\\1", "a" },
};

static void
known(void)
{
	for (size_t i = 0; i < countof(known_rows); i++)
		compare(known_rows[i].pattern, known_rows[i].flags,
			known_rows[i].text);
}

// The number of ways through these grows with a power of the text, or without
// end.
static void
hard(void)
{
	static char text[20001];
	int at[2 * FOUND];

	memset(text, 'a', 20000);
	CHECK(our_match("(a*)*b", REG_EXTENDED, text, at) == REG_NOMATCH);
	CHECK(our_match("(a|a)*", REG_EXTENDED, text, at) == 0 &&
	      at[1] == 20000);
	CHECK(our_match("(()|a)+$", REG_EXTENDED, text, at) == 0);
	CHECK(our_match("\\(a*\\)*b\\1", 0, text, at) != 0);
	CHECK(our_match("((a{255}){255}){255}", REG_EXTENDED, "a", at) ==
	      WRONG);
	CHECK(our_match("A[B-C]", REG_ICASE, "xabC", at) == 0 && at[0] == 1);
	CHECK(our_match("^b", REG_NEWLINE, "a\nb", at) == 0 && at[0] == 2);
	CHECK(our_match("a.b", REG_NEWLINE, "a\nb", at) == REG_NOMATCH);
	CHECK(our_match("a$", REG_NEWLINE, "a\nb", at) == 0);
}

int
main(int argc, char *argv[])
{
	int count = argc > 1 ? atoi(argv[1]) : 20000;
	char message[8];
	regex_t r;

	known();
	hard();
	srand(1);
	for (int i = 0; i < count; i++)
		compare_random();
	CHECK(regerror(REG_EPAREN, &r, message, sizeof(message)) > 8);
	CHECK(strcmp(message, "a ( wit") == 0);
	printf("done: %d regular expressions\n", count);
	return failures > 0;
}
