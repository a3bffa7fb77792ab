// Numbers, characters, sorting.
#include "user/user.h"

// These take any int and are exact for ASCII.
int
isdigit(int c)
{
	return c >= '0' && c <= '9';
}
int
isupper(int c)
{
	return c >= 'A' && c <= 'Z';
}
int
islower(int c)
{
	return c >= 'a' && c <= 'z';
}
int
isalpha(int c)
{
	return isupper(c) || islower(c);
}
int
isalnum(int c)
{
	return isalpha(c) || isdigit(c);
}
int
isspace(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
int
isprint(int c)
{
	return c >= ' ' && c <= '~';
}
int
toupper(int c)
{
	return islower(c) ? c - 'a' + 'A' : c;
}
int
tolower(int c)
{
	return isupper(c) ? c - 'A' + 'a' : c;
}

int
abs(int n)
{
	return n < 0 ? -n : n;
}

static int
digit_value(char c)
{
	if (isdigit(c))
		return c - '0';
	return isalpha(c) ? tolower(c) - 'a' + 10 : 99;
}

// A number as strtol reads it. big: the value does not fit into 32 bits.
struct number {
	bool negative, big;
	unsigned long value;
};

// Skips 0x where base 16 is allowed. Replaces base 0 by 8, 10 or 16.
static const char *
skip_prefix(const char *s, int *base)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') &&
		   digit_value(s[2]) < 16;

	if (hex && (*base == 0 || *base == 16)) {
		*base = 16;
		return s + 2;
	}
	if (*base == 0)
		*base = s[0] == '0' ? 8 : 10;
	return s;
}

// Returns what follows the number, or s itself if there is none.
static const char *
scan_number(const char *s, int base, struct number *n)
{
	const char *p = s, *first;
	unsigned long max = ~0ul;

	*n = (struct number){ 0 };
	while (isspace(*p))
		p++;
	if (*p == '-' || *p == '+')
		n->negative = *p++ == '-';
	p = skip_prefix(p, &base);
	for (first = p; digit_value(*p) < base; p++) {
		unsigned long d = digit_value(*p);

		if (n->value > max / base || n->value * base > max - d)
			n->big = true;
		else
			n->value = n->value * base + d;
	}
	return p == first ? s : p;
}

long
strtol(const char *s, char **end, int base)
{
	struct number n;
	const char *p = scan_number(s, base, &n);
	unsigned long limit = n.negative ? 0x80000000ul : 0x7ffffffful;

	if (end)
		*end = (char *)p;
	if (n.big || n.value > limit) {
		errno = ERANGE;
		n.value = limit;
	}
	return n.negative ? -n.value : n.value;
}

unsigned long
strtoul(const char *s, char **end, int base)
{
	struct number n;
	const char *p = scan_number(s, base, &n);

	if (end)
		*end = (char *)p;
	if (n.big) {
		errno = ERANGE;
		return ~0ul;
	}
	return n.negative ? -n.value : n.value;
}

int
atoi(const char *s)
{
	return strtol(s, NULL, 10);
}

int
parse_int(const char *s, int *n)
{
	int saved = errno;
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	if (end == s || *end != 0 || isspace(*s))
		errno = EINVAL;
	if (errno != 0)
		return -1;
	errno = saved;
	*n = v;
	return 0;
}

static void
swap_bytes(char *a, char *b, size_t n)
{
	while (n-- > 0) {
		char t = *a;

		*a++ = *b;
		*b++ = t;
	}
}

// Moves element i of the heap down until neither of its children is larger.
static void
sift_down(char *base, size_t i, size_t count, size_t size,
	  int (*cmp)(const void *, const void *))
{
	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid >= count)
			return;
		if (kid + 1 < count &&
		    cmp(base + kid * size, base + (kid + 1) * size) < 0)
			kid++;
		if (cmp(base + i * size, base + kid * size) >= 0)
			return;
		swap_bytes(base + i * size, base + kid * size, size);
		i = kid;
	}
}

// Heap sort needs no recursion and no memory, and has no bad case.
void
qsort(void *base, size_t count, size_t size,
      int (*cmp)(const void *, const void *))
{
	for (size_t i = count / 2; i > 0; i--)
		sift_down(base, i - 1, count, size, cmp);
	for (size_t n = count; n > 1; n--) {
		swap_bytes(base, (char *)base + (n - 1) * size, size);
		sift_down(base, 0, n - 1, size, cmp);
	}
}

// Marsaglia's xorshift: the state is never 0.
static uint32_t rand_state = 2463534242u;

void
srand(unsigned int seed)
{
	rand_state = seed != 0 ? seed : 2463534242u;
}

int
rand(void)
{
	rand_state ^= rand_state << 13;
	rand_state ^= rand_state >> 17;
	rand_state ^= rand_state << 5;
	return rand_state & RAND_MAX;
}
