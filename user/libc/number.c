// Texts to numbers.
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- Whole numbers of 64 bits -----------------------------------------------

static int
digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0'
	       : isalpha((unsigned char)c) ? tolower(c) - 'a' + 10
					   : 99;
}

unsigned long long
strtoull(const char *s, char **end, int base)
{
	const char *p = s, *start;
	unsigned long long v = 0;
	int negative = 0, over = 0;

	while (isspace((unsigned char)*p))
		p++;
	if (*p == '-' || *p == '+')
		negative = *p++ == '-';
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] | 32) == 'x' &&
	    digit(p[2]) < 16) {
		p += 2;
		base = 16;
	}
	if (base == 0)
		base = *p == '0' ? 8 : 10;
	for (start = p; digit(*p) < base; p++) {
		over |= v > (~0ull - digit(*p)) / base;
		v = v * base + digit(*p);
	}
	if (end)
		*end = (char *)(p == start ? s : p);
	if (over) {
		errno = ERANGE;
		return ~0ull;
	}
	return negative ? -v : v;
}

long long
strtoll(const char *s, char **end, int base)
{
	const char *p = s;
	unsigned long long v, limit = 1ull << 63;
	int negative, before = errno, over;

	errno = 0;
	v = strtoull(s, end, base);
	over = errno == ERANGE;
	errno = before;
	while (isspace((unsigned char)*p))
		p++;
	negative = *p == '-';
	if (negative)
		v = -v;
	if (!over && v <= limit - !negative)
		return negative ? -v : v;
	errno = ERANGE;
	return negative ? -(long long)(limit - 1) - 1 : (long long)(limit - 1);
}

// ---- Numbers of the FPU -----------------------------------------------------

// 10^n, in the FPU's own format: exact up to 10^27.
static long double
ten_to(int n)
{
	long double r = 1, x = 10;

	for (; n; n >>= 1, x *= x)
		if (n & 1)
			r *= x;
	return r;
}

static long double
scaled(long double m, int e)
{
	for (; e > 4000; e -= 4000)
		m *= ten_to(4000);
	for (; e < -4000; e += 4000)
		m /= ten_to(4000);
	return e < 0 ? m / ten_to(-e) : m * ten_to(e);
}

// The exponent behind an e, or nothing.
static const char *
read_exponent(const char *p, int *e)
{
	const char *q = p + 1;
	int negative = *q == '-', v = 0;

	q += *q == '-' || *q == '+';
	if (!isdigit((unsigned char)*q))
		return p;
	for (; isdigit((unsigned char)*q); q++)
		if (v < 100000)
			v = v * 10 + *q - '0';
	*e += negative ? -v : v;
	return q;
}

// Digits beyond the 19 that fit count only as zeros.
static const char *
read_digits(const char *p, unsigned long long *m, int *e, int *any)
{
	int point = 0;

	for (;; p++) {
		if (*p == '.' && !point) {
			point = 1;
		} else if (isdigit((unsigned char)*p)) {
			*any = 1;
			*e -= point;
			if (*m < 1000000000000000000ull)
				*m = *m * 10 + *p - '0';
			else
				++*e;
		} else {
			return p;
		}
	}
}

static const char *
read_hex(const char *p, long double *x)
{
	int e = 0, point = 0;

	for (*x = 0; digit(*p) < 16 || (*p == '.' && !point); p++)
		if (*p == '.') {
			point = 1;
		} else {
			*x = *x * 16 + digit(*p);
			e -= 4 * point;
		}
	if ((*p | 32) == 'p')
		p = read_exponent(p, &e);
	*x = ldexp(*x, e);
	return p;
}

static int
is_word(const char *s, const char *word)
{
	return strncasecmp(s, word, strlen(word)) == 0;
}

double
strtod(const char *s, char **end)
{
	const char *p = s;
	unsigned long long m = 0;
	long double x = 0;
	int negative = 0, any = 0, e = 0;

	while (isspace((unsigned char)*p))
		p++;
	if (*p == '-' || *p == '+')
		negative = *p++ == '-';
	if (is_word(p, "inf") || is_word(p, "nan")) {
		x = is_word(p, "inf") ? INFINITY : NAN;
		p += is_word(p, "infinity") ? 8 : 3;
		any = 1;
	} else if (p[0] == '0' && (p[1] | 32) == 'x') {
		p = read_hex(p + 2, &x);
		any = 1;
	} else {
		p = read_digits(p, &m, &e, &any);
		if (any && (*p | 32) == 'e')
			p = read_exponent(p, &e);
		x = m ? scaled(m, e) : 0;
	}
	if (end)
		*end = (char *)(any ? p : s);
	if (isinf((double)x) && m)
		errno = ERANGE;
	return negative ? -x : x;
}

double
atof(const char *s)
{
	return strtod(s, NULL);
}
