// The one formatter: printk, a program's printf and snprintf all end here.
//
// A format is literal text with conversions in it, each of the form
//
//	% [-0+ #]* [width] [.precision] [size] letter
//
// which spec_parse reads into a struct spec. The output for a number is
//
//	blanks  sign or 0x  zeros  digits  blanks
//
// Only the digits are put in a buffer, so that no width and no precision can
// overrun it.
#include "lib/fmt.h"
#include "lib/string.h"

enum { DIGITS_MAX = 22 }; // 64 bits in base 8
enum { COUNT_MAX = 1 << 20 }; // widths and precisions saturate here

enum size { SIZE_INT, SIZE_CHAR, SIZE_SHORT, SIZE_LONG, SIZE_LLONG, SIZE_Z };

// One conversion.
struct spec {
	bool left;  // '-': the blanks are at the end
	bool zero;  // '0': zeros instead of blanks in front
	bool alt;   // '#': 0x, 0
	char sign;  // for a number that is not negative: '+', ' ' or none
	int width;  // bytes at least
	int prec;   // -1: none
	enum size size;
	char letter; // 0: the format ended too early
};

// The output and the arguments. The va_list is inside a struct because a
// pointer to a va_list that is a parameter is not portable.
struct fmt {
	void (*put)(void *ctx, const char *s, size_t n);
	void *ctx;
	int total;
	va_list ap;
};

uint64_t
div_u64(uint64_t n, uint32_t d, uint32_t *rem)
{
#ifdef __i386__
	// Long division with two digits of 32 bits. The first remainder is less
	// than d, so that divl's quotient fits (SDM vol. 2, DIV).
	uint32_t high = (uint32_t)(n >> 32) / d;
	uint32_t r = (uint32_t)(n >> 32) % d;
	uint32_t low = (uint32_t)n;

	asm("divl %2" : "+a"(low), "+d"(r) : "rm"(d) : "cc");
	if (rem)
		*rem = r;
	return (uint64_t)high << 32 | low;
#else
	if (rem)
		*rem = n % d;
	return n / d;
#endif
}

static void
emit(struct fmt *f, const char *s, size_t n)
{
	if (n == 0)
		return;
	f->put(f->ctx, s, n);
	f->total += n;
}

static void
emit_fill(struct fmt *f, char c, int n)
{
	char run[16];

	memset(run, c, sizeof(run));
	for (; n > 0; n -= sizeof(run))
		emit(f, run, min_uint(n, sizeof(run)));
}

// Reads a number in digits at *s, or the argument for a * there, which may be
// negative. Limits it to COUNT_MAX.
static int
parse_count(struct fmt *f, const char **s)
{
	int n = 0;

	if (**s == '*') {
		(*s)++;
		n = va_arg(f->ap, int);
		return n > COUNT_MAX	? COUNT_MAX
		       : n < -COUNT_MAX ? -COUNT_MAX
					: n;
	}
	for (; **s >= '0' && **s <= '9'; (*s)++)
		n = n >= COUNT_MAX / 10 ? COUNT_MAX / 10 : n * 10 + (**s - '0');
	return n;
}

// Reads the flags. A plus beats a blank, a minus beats a zero.
static const char *
parse_flags(struct spec *sp, const char *s)
{
	for (;; s++) {
		switch (*s) {
		case '-': sp->left = true; break;
		case '0': sp->zero = true; break;
		case '#': sp->alt = true; break;
		case '+': sp->sign = '+'; break;
		case ' ':
			if (sp->sign == 0)
				sp->sign = ' ';
			break;
		default: return s;
		}
	}
}

static const char *
parse_size(struct spec *sp, const char *s)
{
	if (s[0] == 'h' || s[0] == 'l') {
		bool two = s[1] == s[0];

		if (s[0] == 'h')
			sp->size = two ? SIZE_CHAR : SIZE_SHORT;
		else
			sp->size = two ? SIZE_LLONG : SIZE_LONG;
		return s + 1 + two;
	}
	if (s[0] == 'z') {
		sp->size = SIZE_Z;
		return s + 1;
	}
	return s;
}

// Reads the conversion behind a '%'. Returns the address behind it.
static const char *
spec_parse(struct fmt *f, struct spec *sp, const char *s)
{
	*sp = (struct spec){ .prec = -1 };
	s = parse_flags(sp, s);
	sp->width = parse_count(f, &s);
	if (sp->width < 0) {
		sp->left = true;
		sp->width = -sp->width;
	}
	if (*s == '.') {
		s++;
		sp->prec = parse_count(f, &s);
	}
	s = parse_size(sp, s);
	sp->letter = *s;
	return *s != 0 ? s + 1 : s;
}

static int64_t
arg_signed(struct fmt *f, enum size size)
{
	switch (size) {
	case SIZE_CHAR: return (signed char)va_arg(f->ap, int);
	case SIZE_SHORT: return (short)va_arg(f->ap, int);
	case SIZE_LONG: return va_arg(f->ap, long);
	case SIZE_LLONG: return va_arg(f->ap, long long);
	case SIZE_Z: return va_arg(f->ap, ptrdiff_t);
	default: return va_arg(f->ap, int);
	}
}

static uint64_t
arg_unsigned(struct fmt *f, enum size size)
{
	switch (size) {
	case SIZE_CHAR: return (uchar)va_arg(f->ap, int);
	case SIZE_SHORT: return (ushort)va_arg(f->ap, int);
	case SIZE_LONG: return va_arg(f->ap, unsigned long);
	case SIZE_LLONG: return va_arg(f->ap, unsigned long long);
	case SIZE_Z: return va_arg(f->ap, size_t);
	default: return va_arg(f->ap, uint);
	}
}

// Writes v's digits, at least one, so that they end before end. Returns the
// address of the first digit.
static char *
digits(char *end, uint64_t v, uint base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	uint32_t digit;

	do {
		v = div_u64(v, base, &digit);
		*--end = set[digit];
	} while (v != 0);
	return end;
}

// Prints prefix, zeros and the digits of v, filled up to the width.
static void
put_number(struct fmt *f, struct spec *sp, const char *prefix, uint64_t v,
	   uint base)
{
	char buf[DIGITS_MAX];
	char *end = buf + sizeof(buf);
	char *s = digits(end, v, base, sp->letter == 'X');
	int plen = strlen(prefix);
	int zeros = 0, blanks;

	if (v == 0 && sp->prec == 0) // C prints nothing for %.0d of 0
		s = end;
	if (sp->prec > end - s)
		zeros = sp->prec - (end - s);
	if (base == 8 && sp->alt && zeros == 0 && (s == end || *s != '0'))
		zeros = 1;
	blanks = sp->width - plen - zeros - (end - s);
	if (sp->zero && !sp->left && sp->prec < 0 && blanks > 0) {
		zeros += blanks;
		blanks = 0;
	}
	if (!sp->left)
		emit_fill(f, ' ', blanks);
	emit(f, prefix, plen);
	emit_fill(f, '0', zeros);
	emit(f, s, end - s);
	if (sp->left)
		emit_fill(f, ' ', blanks);
}

static void
put_signed(struct fmt *f, struct spec *sp)
{
	int64_t v = arg_signed(f, sp->size);
	char sign[2] = { v < 0 ? '-' : sp->sign, 0 };

	put_number(f, sp, sign, v < 0 ? -(uint64_t)v : (uint64_t)v, 10);
}

static void
put_hex(struct fmt *f, struct spec *sp)
{
	uint64_t v = arg_unsigned(f, sp->size);
	const char *prefix = sp->letter == 'X' ? "0X" : "0x";

	put_number(f, sp, sp->alt && v != 0 ? prefix : "", v, 16);
}

static void
put_pointer(struct fmt *f, struct spec *sp)
{
	sp->prec = 2 * sizeof(void *);
	put_number(f, sp, "0x", (uintptr_t)va_arg(f->ap, void *), 16);
}

static void
put_text(struct fmt *f, struct spec *sp, const char *s, size_t n)
{
	int blanks = sp->width - (int)n;

	if (!sp->left)
		emit_fill(f, ' ', blanks);
	emit(f, s, n);
	if (sp->left)
		emit_fill(f, ' ', blanks);
}

static void
put_string(struct fmt *f, struct spec *sp)
{
	const char *s = va_arg(f->ap, const char *);

	if (!s)
		s = "(null)";
	put_text(f, sp, s,
		 strnlen(s, sp->prec >= 0 ? (size_t)sp->prec : SIZE_MAX));
}

// Prints one conversion, whose text is [raw, raw + n).
static void
put_spec(struct fmt *f, struct spec *sp, const char *raw, size_t n)
{
	char c;

	switch (sp->letter) {
	case 'd':
	case 'i': put_signed(f, sp); break;
	case 'u': put_number(f, sp, "", arg_unsigned(f, sp->size), 10); break;
	case 'o': put_number(f, sp, "", arg_unsigned(f, sp->size), 8); break;
	case 'x':
	case 'X': put_hex(f, sp); break;
	case 'p': put_pointer(f, sp); break;
	case 'c':
		c = va_arg(f->ap, int);
		put_text(f, sp, &c, 1);
		break;
	case 's': put_string(f, sp); break;
	case '%': emit(f, "%", 1); break;
	default: emit(f, raw, n);
	}
}

int
fmt_put(void (*put)(void *ctx, const char *s, size_t n), void *ctx,
	const char *fmt, va_list ap)
{
	struct fmt f = { .put = put, .ctx = ctx };
	struct spec sp;
	const char *s;

	va_copy(f.ap, ap);
	for (;;) {
		for (s = fmt; *s != 0 && *s != '%'; s++)
			;
		emit(&f, fmt, s - fmt);
		if (*s == 0)
			break;
		fmt = spec_parse(&f, &sp, s + 1);
		put_spec(&f, &sp, s, fmt - s);
	}
	va_end(f.ap);
	return f.total;
}

// vsnprintf's destination, with room for so many bytes and the final 0.
struct buffer {
	char *next;
	size_t room;
};

static void
buffer_put(void *ctx, const char *s, size_t n)
{
	struct buffer *b = ctx;

	if (n > b->room)
		n = b->room;
	memcpy(b->next, s, n);
	b->next += n;
	b->room -= n;
}

int
vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct buffer b = { buf, size > 0 ? size - 1 : 0 };
	int n = fmt_put(buffer_put, &b, fmt, ap);

	if (size > 0)
		*b.next = 0;
	return n;
}

int
snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
