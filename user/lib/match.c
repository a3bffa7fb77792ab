// Matches by trial: first an item of the pattern, then what follows the item. A
// repeated item takes as much text as it can, and gives back one byte at a
// time. So the depth of the recursion is the number of items, whatever the text
// is.
#include "user/lib/match.h"
#include "lib/string.h"

// Returns the end of the set whose '[' is at p, or NULL if it has no end. A ']'
// right after the '[' is a member.
static const char *
set_end(const char *p)
{
	p++;
	if (*p == '^')
		p++;
	if (*p == ']')
		p++;
	p = strchr(p, ']');
	return p ? p + 1 : NULL;
}

// Returns the end of the item at p, without its * + or ?.
static const char *
item_end(const char *p)
{
	const char *end = *p == '[' ? set_end(p) : NULL;

	if (end)
		return end;
	return *p == '\\' && p[1] != 0 ? p + 2 : p + 1;
}

static bool
set_has(const char *p, const char *end, uchar c)
{
	bool negated = p[1] == '^', found = false;

	end--; // the closing bracket
	for (p += negated ? 2 : 1; p < end; p++) {
		uchar low = p[0], high = low;

		if (p + 2 < end && p[1] == '-') {
			high = p[2];
			p += 2;
		}
		if (low <= c && c <= high)
			found = true;
	}
	return found != negated;
}

// Does the item [p, end) accept c?
static bool
item_matches(const char *p, const char *end, char c)
{
	if (c == 0)
		return false;
	if (*p == '[' && end > p + 1)
		return set_has(p, end, c);
	if (*p == '\\' && end == p + 2)
		return p[1] == c;
	return *p == '.' || *p == c;
}

// Does the pattern p match at the beginning of text?
static bool
match_here(const char *p, const char *text)
{
	const char *end;
	size_t n = 0, min = 0, max = 1;

	if (*p == 0)
		return true;
	if (*p == '$' && p[1] == 0)
		return *text == 0;
	end = item_end(p);
	if (*end != '*' && *end != '+' && *end != '?')
		return item_matches(p, end, *text) && match_here(end, text + 1);
	if (*end == '+')
		min = 1;
	if (*end != '?')
		max = SIZE_MAX;
	while (n < max && item_matches(p, end, text[n]))
		n++;
	for (; n + 1 > min; n--) {
		if (match_here(end + 1, text + n))
			return true;
		if (n == 0)
			break;
	}
	return false;
}

bool
match(const char *pattern, const char *text)
{
	if (*pattern == '^')
		return match_here(pattern + 1, text);
	do {
		if (match_here(pattern, text))
			return true;
	} while (*text++ != 0);
	return false;
}
