// Conversions d i u o x X c s p n % e f g a (ISO C 7.21.6.1), with flags,
// width, precision, and hh h l ll j z t.
#include "format.h"
#include "decimal.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct conversion {
	void (*put)(void *arg, const char *s, size_t n);
	void *arg;
	int length;          // of all that was put
	int left, plus, space, sharp, zero;
	int width, precision; // precision -1: none
	char size;           // h, H (hh), l, q (ll), or 0
	char kind;
};

static void
put(struct conversion *c, const char *s, size_t n)
{
	c->put(c->arg, s, n);
	c->length += n;
}

static void
pad(struct conversion *c, char with, int n)
{
	while (n-- > 0)
		put(c, &with, 1);
}

// The prefix (a sign, 0x), zeros, and the text, in the field's width.
static void
put_field(struct conversion *c, const char *prefix, int zeros, const char *s,
	  int n)
{
	int p = strlen(prefix), rest = c->width - p - n - zeros;

	if (c->zero && !c->left && rest > 0) {
		zeros += rest;
		rest = 0;
	}
	if (!c->left)
		pad(c, ' ', rest);
	put(c, prefix, p);
	pad(c, '0', zeros);
	put(c, s, n);
	if (c->left)
		pad(c, ' ', rest);
}

static const char *
sign(const struct conversion *c, int negative)
{
	return negative ? "-" : c->plus ? "+" : c->space ? " " : "";
}

// ---- Whole numbers ----------------------------------------------------------

static void
put_whole(struct conversion *c, unsigned long long v, const char *prefix)
{
	const char *digits =
		c->kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned int base = c->kind == 'o'	      ? 8
			    : strchr("xXp", c->kind) ? 16
						     : 10;
	char buf[24];
	int n = 0;

	if (c->sharp && base == 16 && v)
		prefix = c->kind == 'X' ? "0X" : "0x";
	for (; v; v /= base)
		buf[sizeof(buf) - ++n] = digits[v % base];
	if (n == 0 && c->precision != 0)
		buf[sizeof(buf) - ++n] = '0';
	if (c->sharp && base == 8 && (n == 0 || buf[sizeof(buf) - n] != '0'))
		buf[sizeof(buf) - ++n] = '0';
	if (c->precision >= 0)
		c->zero = 0;
	put_field(c, prefix, c->precision > n ? c->precision - n : 0,
		  buf + sizeof(buf) - n, n);
}

static long long
signed_argument(const struct conversion *c, va_list *ap)
{
	if (c->size == 'q')
		return va_arg(*ap, long long);
	if (c->size == 'h')
		return (short)va_arg(*ap, int);
	if (c->size == 'H')
		return (signed char)va_arg(*ap, int);
	return va_arg(*ap, int);
}

static unsigned long long
unsigned_argument(const struct conversion *c, va_list *ap)
{
	if (c->size == 'q')
		return va_arg(*ap, unsigned long long);
	if (c->size == 'h')
		return (unsigned short)va_arg(*ap, int);
	if (c->size == 'H')
		return (unsigned char)va_arg(*ap, int);
	return va_arg(*ap, unsigned int);
}

// ---- Numbers of the FPU -----------------------------------------------------

// Puts digits [from, to) of the number, zeros where it has none. Digit 0 is the
// first behind the point of 0.ddd.
static char *
copy_digits(char *to, const struct decimal *d, int from, int end)
{
	for (int i = from; i < end; i++)
		*to++ = i >= 0 && i < d->count ? d->digit[i] : '0';
	return to;
}

static char *
exponent(char *s, int e, char letter, int least)
{
	char buf[12];
	int n = 0, v = e < 0 ? -e : e;

	*s++ = letter;
	*s++ = e < 0 ? '-' : '+';
	for (; v || n < least; v /= 10)
		buf[n++] = '0' + v % 10;
	while (n > 0)
		*s++ = buf[--n];
	return s;
}

static char *
fixed(char *s, struct conversion *c, struct decimal *d, int precision)
{
	decimal_round(d, d->point + precision);
	if (d->count == 0)
		d->point = 0;
	s = d->point > 0 ? copy_digits(s, d, 0, d->point)
			 : copy_digits(s, d, -1, 0);
	if (precision > 0 || c->sharp)
		*s++ = '.';
	return copy_digits(s, d, d->point, d->point + precision);
}

static char *
scientific(char *s, struct conversion *c, struct decimal *d, int precision)
{
	decimal_round(d, precision + 1);
	s = copy_digits(s, d, 0, 1);
	if (precision > 0 || c->sharp)
		*s++ = '.';
	s = copy_digits(s, d, 1, precision + 1);
	return exponent(s, d->count ? d->point - 1 : 0,
			isupper(c->kind) ? 'E' : 'e', 2);
}

// The shorter one of both, without zeros at the end.
static char *
general(char *s, struct conversion *c, struct decimal *d, int precision)
{
	int e;

	precision += precision == 0;
	decimal_round(d, precision);
	e = d->count ? d->point - 1 : 0;
	if (!c->sharp)
		precision = d->count ? d->count : 1;
	if (e < -4 || e >= (c->precision ? c->precision : 1))
		return scientific(s, c, d, precision - 1);
	return fixed(s, c, d, precision - 1 - e > 0 ? precision - 1 - e : 0);
}

static char *
hexadecimal(char *s, struct conversion *c, double x)
{
	int e, v;
	unsigned long long m;

	x = frexp(x, &e);
	m = ldexp(x, 53);
	*s++ = m ? '1' : '0';
	m &= (1ull << 52) - 1;
	if (m)
		*s++ = '.';
	for (; m; m = (m << 4) & ((1ull << 52) - 1)) {
		v = m >> 48;
		*s++ = v < 10 ? '0' + v : (c->kind == 'A' ? 'A' : 'a') + v - 10;
	}
	return exponent(s, x != 0 ? e - 1 : 0, c->kind == 'A' ? 'P' : 'p', 1);
}

static void
put_special(struct conversion *c, double x)
{
	const char *s = isnan(x) ? "nan" : "inf";

	if (isupper(c->kind))
		s = isnan(x) ? "NAN" : "INF";
	c->zero = 0;
	put_field(c, sign(c, signbit(x)), 0, s, 3);
}

// More digits than a double has are zeros: precision is bounded by the buffer.
static void
put_double(struct conversion *c, double x)
{
	char buf[2 * DECIMAL_MAX], *end;
	struct decimal d;
	int negative = signbit(x);

	if (isnan(x) || isinf(x)) {
		put_special(c, x);
		return;
	}
	if (c->precision < 0)
		c->precision = 6;
	if (c->precision > DECIMAL_MAX - 400)
		c->precision = DECIMAL_MAX - 400;
	x = fabs(x);
	decimal_of(&d, x);
	switch (tolower(c->kind)) {
	case 'f': end = fixed(buf, c, &d, c->precision); break;
	case 'e': end = scientific(buf, c, &d, c->precision); break;
	case 'g': end = general(buf, c, &d, c->precision); break;
	default:
		end = hexadecimal(buf, c, x);
		put_field(c, negative ? "-0x" : "0x", 0, buf, end - buf);
		return;
	}
	put_field(c, sign(c, negative), 0, buf, end - buf);
}

// ---- The format -------------------------------------------------------------

static const char *
read_flags(struct conversion *c, const char *s)
{
	for (;; s++) {
		if (*s == '-')
			c->left = 1;
		else if (*s == '+')
			c->plus = 1;
		else if (*s == ' ')
			c->space = 1;
		else if (*s == '#')
			c->sharp = 1;
		else if (*s == '0')
			c->zero = 1;
		else
			return s;
	}
}

static const char *
read_number(int *n, const char *s, va_list *ap)
{
	if (*s == '*') {
		*n = va_arg(*ap, int);
		return s + 1;
	}
	for (*n = 0; isdigit(*s); s++)
		*n = *n * 10 + *s - '0';
	return s;
}

static const char *
read_size(struct conversion *c, const char *s)
{
	for (; *s && strchr("hljztL", *s); s++)
		c->size = *s == 'h' && c->size == 'h' ? 'H'
			  : (*s == 'l' && c->size == 'l') || *s == 'j' ? 'q'
								       : *s;
	return s;
}

static const char *
read_conversion(struct conversion *c, const char *s, va_list *ap)
{
	c->left = c->plus = c->space = c->sharp = c->zero = c->size = 0;
	c->precision = -1;
	s = read_flags(c, s);
	s = read_number(&c->width, s, ap);
	if (c->width < 0) {
		c->left = 1;
		c->width = -c->width;
	}
	if (*s == '.')
		s = read_number(&c->precision, s + 1, ap);
	s = read_size(c, s);
	c->kind = *s;
	return s;
}

static void
put_text(struct conversion *c, const char *s)
{
	s = s ? s : "(null)";
	c->zero = 0;
	put_field(c, "", 0, s,
		  c->precision >= 0 ? strnlen(s, c->precision) : strlen(s));
}

static void
convert_whole(struct conversion *c, va_list *ap)
{
	unsigned long long v;
	long long s;

	if (c->kind == 'p') {
		c->sharp = 1;
		put_whole(c, (size_t)va_arg(*ap, void *), "");
		return;
	}
	if (c->kind != 'd' && c->kind != 'i') {
		put_whole(c, unsigned_argument(c, ap), "");
		return;
	}
	s = signed_argument(c, ap);
	v = s;
	put_whole(c, s < 0 ? -v : v, sign(c, s < 0));
}

static void
put_byte(struct conversion *c, char byte)
{
	c->zero = 0;
	put_field(c, "", 0, &byte, 1);
}

static void
convert(struct conversion *c, va_list *ap)
{
	if (!c->kind)
		return;
	if (strchr("diuoxXp", c->kind))
		convert_whole(c, ap);
	else if (strchr("fFeEgGaA", c->kind))
		put_double(c, c->size == 'L' ? (double)va_arg(*ap, long double)
					     : va_arg(*ap, double));
	else if (c->kind == 'c')
		put_byte(c, va_arg(*ap, int));
	else if (c->kind == 's')
		put_text(c, va_arg(*ap, char *));
	else if (c->kind == 'n')
		*va_arg(*ap, int *) = c->length;
	else
		put(c, &c->kind, 1);
}

int
libc_format(void (*to)(void *arg, const char *s, size_t n), void *arg,
	    const char *fmt, va_list args)
{
	struct conversion c = { .put = to, .arg = arg };
	va_list ap;

	va_copy(ap, args);
	while (*fmt) {
		size_t n = strcspn(fmt, "%");

		put(&c, fmt, n);
		fmt += n;
		if (*fmt == 0)
			break;
		fmt = read_conversion(&c, fmt + 1, &ap);
		convert(&c, &ap);
		fmt += *fmt != 0;
	}
	va_end(ap);
	return c.length;
}
