// The scanf family (ISO C 7.21.6.2).
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Where the characters come from. At most one is given back at a time.
struct source {
	FILE *f;       // a stream, or NULL:
	const char *s; // ... a string
	int count;     // characters taken
};

// One conversion: what stands behind a %.
struct conversion {
	bool assign, some; // some: it has taken a character
	int width;         // characters left
	char size;         // 'H' hh, 'h', 0, 'l', 'L' ll
	char letter;
};

static int
take(struct source *in)
{
	int c = in->f ? fgetc(in->f) : (unsigned char)*in->s;

	if (!in->f && c == 0)
		return EOF;
	if (!in->f)
		in->s++;
	in->count += c != EOF;
	return c;
}

static void
give_back(struct source *in, int c)
{
	if (c == EOF)
		return;
	in->count--;
	if (in->f)
		ungetc(c, in->f);
	else
		in->s--;
}

// The next character, if the width allows one.
static int
next(struct source *in, struct conversion *v)
{
	int c = v->width > 0 ? take(in) : EOF;

	v->width -= c != EOF;
	v->some |= c != EOF;
	return c;
}

// False: the input is at its end.
static bool
skip_space(struct source *in)
{
	int c;

	while (isspace(c = take(in)))
		;
	give_back(in, c);
	return c != EOF;
}

// ---- Numbers ----------------------------------------------------------------

static void
store(const struct conversion *v, unsigned long long n, void *to)
{
	switch (v->size) {
	case 'H': *(char *)to = n; break;
	case 'h': *(short *)to = n; break;
	case 'L': *(long long *)to = n; break;
	default:  *(int *)to = n;
	}
}

static int
digit_of(int c)
{
	return isdigit(c) ? c - '0' : isalpha(c) ? tolower(c) - 'a' + 10 : 99;
}

static int
base_of(char letter)
{
	return letter == 'd' || letter == 'u' ? 10
	       : letter == 'o'		      ? 8
	       : letter == 'i'		      ? 0
					      : 16;
}

// 1, or 0: this is no number.
static int
scan_integer(struct source *in, struct conversion *v, void *to)
{
	int base = base_of(v->letter), c = next(in, v), any = 0;
	bool minus = c == '-';
	unsigned long long n = 0;

	if (c == '-' || c == '+')
		c = next(in, v);
	if (c == '0' && (base == 0 || base == 16)) {
		any = 1;
		c = next(in, v);
		if (c == 'x' || c == 'X') {
			base = 16;
			c = next(in, v);
		}
		base = base ? base : 8;
	}
	base = base ? base : 10;
	for (; digit_of(c) < base; c = next(in, v), any = 1)
		n = n * base + digit_of(c);
	give_back(in, c);
	if (any && v->assign)
		store(v, minus ? -n : n, to);
	return any;
}

// Takes the characters that a number with a point can have, in order.
static void
gather_float(struct source *in, struct conversion *v, char *buf, int size)
{
	bool point = false, exponent = false;
	int n = 0, c;

	while ((c = next(in, v)) != EOF && n < size - 1) {
		int last = n ? tolower(buf[n - 1]) : 0;
		bool sign = (c == '-' || c == '+') && (!n || last == 'e');
		bool e = tolower(c) == 'e' && !exponent && n &&
			 (isdigit(last) || last == '.');
		bool dot = c == '.' && !point && !exponent;
		bool word = strchr("infaty", tolower(c)) && !exponent &&
			    (!n || last == '-' || last == '+' || isalpha(last));

		if (!isdigit(c) && !sign && !e && !dot && !word)
			break;
		point |= dot;
		exponent |= e;
		buf[n++] = c;
	}
	give_back(in, c);
	buf[n] = 0;
}

static int
scan_float(struct source *in, struct conversion *v, void *to)
{
	char buf[128], *end;
	double x;

	gather_float(in, v, buf, sizeof(buf));
	x = strtod(buf, &end);
	if (end == buf)
		return 0;
	if (!v->assign)
		return 1;
	if (v->size == 'D')
		*(long double *)to = x;
	else if (v->size == 'l')
		*(double *)to = x;
	else
		*(float *)to = x;
	return 1;
}

// ---- Texts ------------------------------------------------------------------

// The set of %[...]: in[c] says whether c belongs to it. Returns what follows.
static const char *
parse_set(const char *f, bool set[256])
{
	bool yes = *f != '^';
	const char *start;

	f += !yes;
	memset(set, !yes, 256);
	for (start = f; *f && (*f != ']' || f == start); f++) {
		unsigned char from = f[0], to = from;

		if (f[1] == '-' && f[2] && f[2] != ']') {
			to = f[2];
			f += 2;
		}
		for (int c = from; c <= to; c++)
			set[c] = yes;
	}
	return *f ? f + 1 : f;
}

static int
scan_text(struct source *in, struct conversion *v, const bool set[256],
	  char *to)
{
	int n = 0, c;

	while ((c = next(in, v)) != EOF && set[c]) {
		if (v->assign)
			to[n] = c;
		n++;
	}
	if (c != EOF)
		give_back(in, c);
	if (v->assign && n > 0 && v->letter != 'c')
		to[n] = 0;
	return n > 0;
}

static void
set_of(char letter, bool set[256])
{
	for (int c = 0; c < 256; c++)
		set[c] = letter == 'c' || !isspace(c);
}

// ---- The format -------------------------------------------------------------

static const char *
parse_conversion(const char *f, struct conversion *v)
{
	*v = (struct conversion){ .assign = *f != '*' };
	f += !v->assign;
	while (isdigit(*f))
		v->width = v->width * 10 + *f++ - '0';
	for (; *f && strchr("hlLqjzt", *f); f++) {
		bool twice = v->size == *f;

		v->size = *f == 'h' ? (twice ? 'H' : 'h')
			  : *f == 'l' ? (twice ? 'L' : 'l')
			  : *f == 'q' || *f == 'j' ? 'L'
			  : *f == 'L'		   ? 'D'
						   : 0;
	}
	v->letter = *f;
	if (v->width == 0)
		v->width = *f == 'c' ? 1 : 0x7fffffff;
	return *f ? f + 1 : f;
}

// 1: the conversion is done, 0: the input does not fit.
static int
convert(struct source *in, struct conversion *v, bool set[256], void *to)
{
	switch (v->letter) {
	case 'd':
	case 'i':
	case 'u':
	case 'o':
	case 'x':
	case 'X':
	case 'p': return scan_integer(in, v, to);
	case 'a':
	case 'e':
	case 'f':
	case 'g':
	case 'E':
	case 'G': return scan_float(in, v, to);
	case 's':
	case 'c': set_of(v->letter, set); return scan_text(in, v, set, to);
	case '[': return scan_text(in, v, set, to);
	default:  return 0;
	}
}

// What is no conversion: blanks, and characters that must stand there. 1, 0 or
// EOF.
static int
match_plain(struct source *in, char want)
{
	int c;

	if (isspace(want)) {
		skip_space(in);
		return 1;
	}
	c = take(in);
	if (c == want)
		return 1;
	give_back(in, c);
	return c == EOF ? EOF : 0;
}

static int
scan(struct source *in, const char *f, va_list ap)
{
	int done = 0, r = 1;
	struct conversion v;
	bool set[256];

	while (*f && r == 1) {
		if (*f != '%' || f[1] == '%') {
			if (*f == '%')
				skip_space(in);
			f += *f == '%';
			r = match_plain(in, *f++);
			continue;
		}
		f = parse_conversion(f + 1, &v);
		if (v.letter == '[')
			f = parse_set(f, set);
		void *to = v.assign ? va_arg(ap, void *) : NULL;
		if (v.letter == 'n') {
			store(&v, in->count, to);
			continue;
		}
		if (v.letter != 'c' && v.letter != '[' && !skip_space(in))
			r = EOF;
		else if (!(r = convert(in, &v, set, to)) && !v.some)
			r = EOF;
		done += r == 1 && v.assign;
	}
	return r == EOF && done == 0 ? EOF : done;
}

int
vfscanf(FILE *f, const char *fmt, va_list ap)
{
	struct source in = { .f = f };

	return scan(&in, fmt, ap);
}

int
vsscanf(const char *s, const char *fmt, va_list ap)
{
	struct source in = { .s = s };

	return scan(&in, fmt, ap);
}

int
vscanf(const char *fmt, va_list ap)
{
	return vfscanf(stdin, fmt, ap);
}

#define WITH_ARGUMENTS(call)                                                   \
	va_list ap;                                                            \
	int n;                                                                 \
                                                                               \
	va_start(ap, fmt);                                                     \
	n = call;                                                              \
	va_end(ap);                                                            \
	return n

int
scanf(const char *fmt, ...)
{
	WITH_ARGUMENTS(vfscanf(stdin, fmt, ap));
}

int
fscanf(FILE *f, const char *fmt, ...)
{
	WITH_ARGUMENTS(vfscanf(f, fmt, ap));
}

int
sscanf(const char *s, const char *fmt, ...)
{
	WITH_ARGUMENTS(vsscanf(s, fmt, ap));
}
