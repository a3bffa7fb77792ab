// Catches: a library for programs from elsewhere (user/libc) that prints or
// reads a number otherwise than the host's own library, or computes another
// value.
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

// The host's own, before the names are given to ours.
static double (*host_strtod)(const char *, char **) = strtod;
static unsigned long long (*host_strtoull)(const char *, char **,
					   int) = strtoull;
static long long (*host_strtoll)(const char *, char **, int) = strtoll;
static double (*host_one[])(double) = {floor, ceil, trunc, rint, round,
				       sqrt,  exp,  log,   log2, log10,
				       sin,   cos,  atan};
static double (*host_two[])(double, double) = { pow, fmod, atan2, hypot };

#define strtod   our_strtod
#define atof     our_atof
#define strtoull our_strtoull
#define strtoll  our_strtoll
#define strcasecmp our_strcasecmp
#define strncasecmp our_strncasecmp
static int
our_strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++)
		if (tolower(*a) != tolower(*b) || !*a)
			return tolower(*a) - tolower(*b);
	return 0;
}
#include "user/libc/number.c"
#define fabs our_fabs
#define floor our_floor
#define ceil our_ceil
#define trunc our_trunc
#define rint our_rint
#define round our_round
#define sqrt our_sqrt
#define exp our_exp
#define exp2 our_exp2
#define log our_log
#define log2 our_log2
#define log10 our_log10
#define sin our_sin
#define cos our_cos
#define tan our_tan
#define atan our_atan
#define atan2 our_atan2
#define asin our_asin
#define acos our_acos
#define sinh our_sinh
#define cosh our_cosh
#define tanh our_tanh
#define pow our_pow
#define fmod our_fmod
#define hypot our_hypot
#define modf our_modf
#define ldexp our_ldexp
#define frexp our_frexp
#include "user/libc/math.c"
#include "user/libc/decimal.c"
#include "user/libc/format.c"

static char text[4000];
static size_t length;

static void
add(void *arg, const char *s, size_t n)
{
	memcpy(text + length, s, n);
	length += n;
}

static void
compare(const char *fmt, ...)
{
	static char want[4000];
	va_list ap;
	int n, m;

	length = 0;
	va_start(ap, fmt);
	n = libc_format(add, NULL, fmt, ap);
	va_end(ap);
	text[length] = 0;
	va_start(ap, fmt);
	m = vsnprintf(want, sizeof(want), fmt, ap);
	va_end(ap);
	if (n == m && strcmp(text, want) == 0)
		return;
	printf("%s: `%s', not `%s'\n", fmt, text, want);
	failures++;
}

static double
random_double(void)
{
	unsigned long long bits = (unsigned long long)rand() << 42 ^
				  (unsigned long long)rand() << 21 ^ rand();
	double x;

	if (rand() % 3 == 0)
		return (rand() - rand()) / (double)(1 + rand() % 1000);
	memcpy(&x, &bits, sizeof(x));
	return x;
}

static void
test_doubles(void)
{
	static const char kinds[] = "fFeEgG";
	char fmt[32];

	for (int i = 0; i < 60000; i++) {
		double x = random_double();

		sprintf(fmt, "%%%s%s%s%d.%d%c", rand() % 2 ? "-" : "",
			rand() % 3 ? "" : "#", rand() % 3 ? "+" : "",
			rand() % 30, rand() % 25, kinds[rand() % 6]);
		compare(fmt, x);
		compare("%.14g %.17g %g", x, x, x);
	}
	for (int i = -30; i < 30; i++)
		compare("%g %.0f %.1f %e %#g %a", i / 2.0, i / 2.0, i / 4.0,
			i * 1e20, i / 8.0, (double)i);
	compare("%f %5.1f %-6e| %G %g", INFINITY, -INFINITY, NAN, INFINITY,
		0.0);
	compare("%.0e %g %g %g", 5e-324, 1e-5, 123456789.0, 99999.95);
}

static void
test_others(void)
{
	for (int i = 0; i < 20000; i++) {
		long long v = (long long)rand() * rand() - rand();

		compare("%d %5i|%-7u|%x %#X %o %#o", (int)v, (int)v, (int)v,
			(int)v, (int)v, (int)v, (int)v);
		compare("%lld %+lld % lld %020llx %.12lld", v, v, v, v, v);
		compare("%hd %hhd %hu %hhx", (int)v, (int)v, (int)v, (int)v);
	}
	compare("%s|%5s|%-5s|%.2s|%c|%%|%*d|%-*d|%.*s", "abc", "a", "b", "xyz",
		'q', 5, 3, 4, 7, 1, "uv");
	compare("%.0d|%.3d|%+d|%05d|%-05d|%x", 0, 7, 7, -7, 7, 0);
}

static void
same_number(const char *s)
{
	char *a, *b;
	double x = our_strtod(s, &a), y = host_strtod(s, &b);

	check(a == b && (x == y || (isnan(x) && isnan(y)) ||
			 fabs(x - y) <= fabs(y) * 2.3e-16),
	      s, "strtod", 0);
}

static const char *const texts[] = {
	"1",
	"-1.5e3x",
	".5",
	"5.",
	".",
	"",
	"-",
	"e5",
	"1e",
	"1e+",
	"0x1p4",
	"0x.8",
	" 12",
	"inf",
	"-Infinity",
	"nan",
	"1e400",
	"1e-400",
	"123456789012345678901234567890",
	"0.1",
	"2.5e-8",
	"1e22",
	"00012",
};
static const char *const whole[] = {
	"0",
	"-1",
	"077",
	"0x1F",
	"0x",
	"zz",
	"9223372036854775807",
	"9223372036854775808",
	"-9223372036854775808",
	"-9223372036854775809",
	"18446744073709551615",
	"18446744073709551616",
	"+5",
	" 7 8",
};

static void
same_whole(const char *s, int base)
{
	char *a, *b;

	check(our_strtoull(s, &a, base) == host_strtoull(s, &b, base) && a == b,
	      s, "strtoull", base);
	check(our_strtoll(s, &a, base) == host_strtoll(s, &b, base) && a == b,
	      s, "strtoll", base);
}

static void
test_reading(void)
{
	char buf[64];

	for (uint i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		same_number(texts[i]);
	for (int i = 0; i < 40000; i++) {
		snprintf(buf, sizeof(buf), "%.17g", random_double());
		same_number(buf);
	}
	for (uint i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		for (int base = 0; base <= 36; base += base ? 13 : 10)
			same_whole(whole[i], base);
}

// Within the last bits of a double.
static bool
close_to(double x, double y)
{
	return x == y || (isnan(x) && isnan(y)) ||
	       fabs(x - y) <= fabs(y) * 1e-15 + 1e-300;
}

static void
test_mathematics(void)
{
	double (*one[])(double) = { our_floor, our_ceil, our_trunc, our_rint,
				   our_round, our_sqrt,	 our_exp,   our_log,
				   our_log2,  our_log10, our_sin,   our_cos,
				   our_atan};
	double (*two[])(double, double) = { our_pow, our_fmod, our_atan2,
					   our_hypot};

	for (int i = 0; i < 20000; i++) {
		double x = (rand() % 2000000 - 1000000) / 1000.0;
		double y = (rand() % 20000 - 10000) / 100.0;

		for (uint k = 0; k < sizeof(one) / sizeof(one[0]); k++) {
			// Near a multiple of pi the FPU's pi has too few bits.
			double want = host_one[k](x);
			bool angle = k == 10 || k == 11;

			check(close_to(one[k](x), want) ||
				      (angle && fabs(one[k](x) - want) < 1e-13),
			      "a function of one number", "", k);
		}
		for (uint k = 0; k < sizeof(two) / sizeof(two[0]); k++)
			check(close_to(two[k](x, y), host_two[k](x, y)),
			      "a function of two numbers", "", k);
	}
	check(our_pow(2, 0.5) == host_two[0](2, 0.5), "pow", "", 0);
	check(isinf(our_exp(1e4)) && our_exp(-1e4) == 0, "exp", "", 0);
	check(our_pow(-2, 3) == -8 && isnan(our_pow(-2, 0.5)), "pow", "", 1);
	check(our_pow(0, -1) == INFINITY && our_pow(INFINITY, -1) == 0, "pow",
	      "", 2);
}

int
main(void)
{
	srand(1);
	test_doubles();
	test_others();
	test_reading();
	test_mathematics();
	return failures > 0;
}
