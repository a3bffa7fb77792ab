// Catches: an sscanf (user/libc/scan.c) that takes other characters, or gives
// another value, than the host's own; dates (user/lib/date.c) that are not the
// host's.
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "check.h"

static int
host_scan(const char *text, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsscanf(text, format, ap);
	va_end(ap);
	return n;
}

#define vsscanf our_vsscanf
#define vfscanf our_vfscanf
#define vscanf	our_vscanf
#define sscanf	our_sscanf
#define fscanf	our_fscanf
#define scanf	our_scanf
#include "user/libc/scan.c"

uint64_t
div_u64(uint64_t n, uint32_t d, uint32_t *rem)
{
	if (rem)
		*rem = n % d;
	return n / d;
}
#include "user/lib/date.c"

// ---- Numbers and texts ------------------------------------------------------

struct values {
	int i[4];
	long long l;
	double d;
	float f;
	char c, h;
	short s;
	char text[3][32];
	int n;
};

#define BOTH(text, format, ...)                                                \
	do {                                                                   \
		struct values v = { .n = -1 }, host;                           \
		int r = host_scan(text, format, __VA_ARGS__), ours;            \
		host = v;                                                      \
		v = (struct values){ .n = -1 };                                \
		ours = our_sscanf(text, format, __VA_ARGS__);                  \
		if (r != ours || memcmp(&host, &v, sizeof(v)) != 0) {          \
			printf("'%s' by '%s': %d, host %d\n", text, format,    \
			       ours, r);                                       \
			failures++;                                            \
		}                                                              \
	} while (0)

static const char *const texts[] = {
	"12 -34 0x1f", "",	"   ",	      "12abc",	"+7,8", "-",
	"0x",	       "089",	"99999999 1", "1.5e3x", "-.25", "inf",
	"abc def ghi", "a,b;c", "  7",	      "100%",	"1e",	"..",
	"[x]",	       "0x1p4", "12:34:56",
};

static void
scan_known(void)
{
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		const char *t = texts[k];

		BOTH(t, "%d%d%i%n", &v.i[0], &v.i[1], &v.i[2], &v.n);
		BOTH(t, "%d,%d%n", &v.i[0], &v.i[1], &v.n);
		BOTH(t, "%2d%3d%n", &v.i[0], &v.i[1], &v.n);
		BOTH(t, "%i %n", &v.i[0], &v.n);
		BOTH(t, "%o%x%n", &v.i[0], &v.i[1], &v.n);
		BOTH(t, "%lld%hhd%hd", &v.l, &v.c, &v.s);
		if (strncmp(t, "0x", 2) != 0) { // not by scanf
			BOTH(t, "%lf%n", &v.d, &v.n);
			BOTH(t, "%f", &v.f);
			BOTH(t, "%4lf%n", &v.d, &v.n);
		}
		BOTH(t, "%s%s%s", v.text[0], v.text[1], v.text[2]);
		BOTH(t, "%3s%c%n", v.text[0], &v.c, &v.n);
		BOTH(t, "%*s%31s%n", v.text[0], &v.n);
		BOTH(t, "%[a-c]%n", v.text[0], &v.n);
		BOTH(t, "%[^,;]%c%[]x]", v.text[0], &v.c, v.text[1]);
		BOTH(t, "%2c%n", v.text[0], &v.n);
		BOTH(t, "%d%%%n", &v.i[0], &v.n);
		BOTH(t, "%d:%d:%d%n", &v.i[0], &v.i[1], &v.i[2], &v.n);
	}
}

static void
scan_random(void)
{
	static const char letters[] = "0123456789-+xX.abe ,\t";
	char text[16];

	for (int k = 0; k < 100000; k++) {
		int n = rand() % 12;

		for (int i = 0; i < n; i++)
			text[i] = letters[rand() % (sizeof(letters) - 1)];
		text[n] = 0;
		BOTH(text, "%d%i%n", &v.i[0], &v.i[1], &v.n);
		BOTH(text, "%x,%u%n", &v.i[0], &v.i[1], &v.n);
		BOTH(text, "%5i%s%n", &v.i[0], v.text[0], &v.n);
	}
}

// A stream, where only one character can be given back.
static void
scan_stream(void)
{
	char text[32] = "", c = 0;
	FILE *f = tmpfile();
	int n = 0;

	fputs("12 abc\n-5x", f);
	rewind(f);
	CHECK(our_fscanf(f, "%d%31s", &n, text) == 2 && n == 12);
	CHECK(strcmp(text, "abc") == 0);
	CHECK(our_fscanf(f, "%d%c", &n, &c) == 2 && n == -5 && c == 'x');
	CHECK(our_fscanf(f, "%d", &n) == EOF);
	fclose(f);
}

// ---- Dates ------------------------------------------------------------------

static void
compare_date(long long seconds)
{
	const char *format = "%a %A %b %B %c %d %D %e %F %H %I %j %m %M %p %R "
			     "%S %T %w %x %X %y %Y %% %C %h %r";
	char ours[512], host[512];
	time_t t = seconds;
	struct tm tm = *gmtime(&t);
	struct date d;

	date_of(seconds, &d);
	CHECK(date_seconds(&d) == seconds);
	CHECK(date_format(ours, sizeof(ours), format, &d) == strlen(ours));
	strftime(host, sizeof(host), format, &tm);
	if (strcmp(ours, host) != 0) {
		printf("%lld: %s\nhost: %s\n", seconds, ours, host);
		failures++;
	}
}

static void
dates(void)
{
	char small[4];
	struct date d = { 0, 0, 0, 32, 13, 2023, 0, 0 };

	for (long long s = -2000000000; s < 4200000000; s += 12345671)
		compare_date(s);
	for (int year = 1999; year < 2101; year++)
		for (int day = -1; day < 61; day++)
			compare_date((year - 1970) * 31556952LL + day * 86400);
	date_of(date_seconds(&d), &d); // 32 of month 13: the first of February
	CHECK(d.day == 1 && d.month == 2 && d.year == 2024);
	CHECK(date_format(small, 4, "%Y", &d) == 0);
	CHECK(date_format(small, 4, "%Q", &d) == 2 && !strcmp(small, "%Q"));
}

int
main(int argc, char *argv[])
{
	srand(1);
	scan_known();
	scan_random();
	scan_stream();
	dates();
	return failures > 0;
}
