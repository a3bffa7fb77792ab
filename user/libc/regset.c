// The sets of regular expressions: [a-z], [^abc], [[:alpha:]].
#include "regex.h"
#include <ctype.h>
#include <string.h>

static const struct {
	const char *name;
	int (*is)(int c);
} classes[] = {
	{ "alpha", isalpha }, { "digit", isdigit },   { "alnum", isalnum },
	{ "space", isspace }, { "upper", isupper },   { "lower", islower },
	{ "punct", ispunct }, { "xdigit", isxdigit }, { "print", isprint },
	{ "graph", isgraph }, { "cntrl", iscntrl },   { "blank", isblank },
};

static void
add(set_t set, int from, int to)
{
	for (int c = from; c <= to; c++)
		set[c / 8] |= 1 << c % 8;
}

// [:alpha:] at p. What follows, or NULL.
static const char *
add_class(set_t set, const char *p)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		size_t n = strlen(classes[i].name);

		if (strncmp(p + 2, classes[i].name, n) != 0 ||
		    strncmp(p + 2 + n, ":]", 2) != 0)
			continue;
		for (int c = 1; c < 256; c++)
			if (c < 128 && classes[i].is(c))
				add(set, c, c);
		return p + n + 4;
	}
	return NULL;
}

// One member, or a range of them. What follows, or NULL.
static const char *
add_range(set_t set, const char *p)
{
	unsigned char from = p[0], to = from;

	if (p[1] == '-' && p[2] && p[2] != ']') {
		to = p[2];
		p += 2;
	}
	add(set, from, to);
	return to < from ? NULL : p + 1;
}

const char *
libc_read_set(const char *p, set_t set, bool newline, int *error)
{
	bool negated = *p == '^', class;
	const char *start;

	p += negated;
	for (start = p; *p && (*p != ']' || p == start);) {
		class = p[0] == '[' && p[1] == ':';
		p = class ? add_class(set, p) : add_range(set, p);
		if (!p) {
			*error = class ? REG_ECTYPE : REG_ERANGE;
			return NULL;
		}
	}
	for (int i = 0; negated && i < 32; i++)
		set[i] = ~set[i];
	if (negated && newline)
		set['\n' / 8] &= ~(1 << '\n' % 8);
	*error = *p ? 0 : REG_EBRACK;
	return *p ? p + 1 : NULL;
}
