// Patterns of file names: one name, without a look at files (user/lib/glob.h).
#include "user/lib/glob.h"

// Does c fit the brackets that begin at p? *end: behind them, or p itself if
// they have no end.
static bool
in_brackets(const char *p, char c, const char **end)
{
	const char *s = p + 1;
	bool negated = *s == '!' || *s == '^', found = false;

	s += negated;
	do {
		char from = *s == '\\' && s[1] ? *++s : *s, to = from;

		if (from == 0) {
			*end = p;
			return false;
		}
		if (s[1] == '-' && s[2] != ']' && s[2] != 0) {
			to = s[2];
			s += 2;
		}
		found |= c >= from && c <= to;
		s++;
	} while (*s != ']');
	*end = s + 1;
	return found != negated;
}

// Does the one character c fit the beginning of the pattern? *p moves behind
// what it fits.
static bool
fits_one(const char **p, char c)
{
	const char *end = *p;
	bool fits = **p == '[' && in_brackets(*p, c, &end);

	if (**p == '[' && end != *p) {
		*p = end;
		return fits;
	}
	if (**p == '\\' && (*p)[1])
		++*p;
	else if (**p == '?')
		return ++*p, c != 0;
	return *(*p)++ == c;
}

// A * first stands for nothing. If the rest does not fit, the last * takes one
// character more: only the last one matters.
static bool
fits(const char *p, const char *s)
{
	const char *star = NULL, *from = NULL;

	while (*s != 0) {
		const char *next = p;

		if (*p == '*') {
			star = ++p;
			from = s;
		} else if (*p != 0 && fits_one(&next, *s)) {
			p = next;
			s++;
		} else if (star) {
			p = star;
			s = ++from;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return *p == 0;
}

bool
glob_match(const char *pattern, const char *name)
{
	return (name[0] != '.' || pattern[0] == '.') && fits(pattern, name);
}

void
glob_plain(char *pattern)
{
	char *to = pattern;

	for (const char *s = pattern; *s != 0; s++) {
		if (*s == '\\' && s[1] != 0)
			s++;
		*to++ = *s;
	}
	*to = 0;
}
