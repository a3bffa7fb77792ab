// Dates. A day is a number, day 0 is the first of January 1970. Years of the
// count begin in March, so that the day that some years have more is the last.
#include "user/lib/date.h"
#include "lib/fmt.h"
#include "lib/string.h"

#define DAY	86400
#define ERA	146097 // days in 400 years
#define FIRST	719468 // days from the first of March of year 0 to day 0

static long long
floor_div(long long a, int b)
{
	unsigned int rest;
	long long q;

	if (a >= 0)
		return (long long)div_u64(a, b, &rest);
	q = -(long long)div_u64(-(a + 1), b, &rest);
	return q - 1;
}

// The number of the day; the month is 1..12.
static long long
day_number(long long year, int month, int day)
{
	long long y = year - (month < 3), era = floor_div(y, 400);
	int of_era = (int)(y - era * 400);

	return era * ERA + of_era * 365 + of_era / 4 - of_era / 100 +
	       (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1 - FIRST;
}

static void
date_of_day(long long number, struct date *d)
{
	long long era = floor_div(number + FIRST, ERA);
	int day = (int)(number + FIRST - era * ERA), year, month;

	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	d->day = day - (153 * month + 2) / 5 + 1;
	d->month = month < 10 ? month + 3 : month - 9;
	d->year = (int)(era * 400) + year + (d->month < 3);
	d->weekday = (int)(number + 4 - 7 * floor_div(number + 4, 7));
	d->yearday = (int)(number - day_number(d->year, 1, 1));
}

void
date_of(long long seconds, struct date *d)
{
	long long day = floor_div(seconds, DAY);
	int rest = (int)(seconds - day * DAY);

	d->second = rest % 60;
	d->minute = rest / 60 % 60;
	d->hour = rest / 3600;
	date_of_day(day, d);
}

long long
date_seconds(const struct date *d)
{
	long long years = floor_div(d->month - 1, 12);
	int month = d->month - (int)years * 12;

	return (day_number(d->year + years, month, 1) + d->day - 1) * DAY +
	       d->hour * 3600LL + d->minute * 60LL + d->second;
}

// ---- As a text --------------------------------------------------------------

static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday",
				       "Wednesday", "Thursday", "Friday",
				       "Saturday"};
static const char *const months[] = { "January",   "February", "March",
				     "April",	"May",	    "June",
				     "July",	"August",   "September",
				     "October", "November", "December"};

struct text {
	char *buf;
	unsigned int n, size;
};

static void
add(struct text *t, const char *s, unsigned int most)
{
	for (; *s && most > 0; s++, most--, t->n++)
		if (t->n < t->size)
			t->buf[t->n] = *s;
}

static void
add_number(struct text *t, const char *format, int n)
{
	char digits[16];

	snprintf(digits, sizeof(digits), format, n);
	add(t, digits, sizeof(digits));
}

static void add_all(struct text *t, const char *f, const struct date *d);

static void
add_name(struct text *t, char c, const struct date *d)
{
	const char *day = weekdays[(unsigned int)d->weekday % 7];
	const char *month = months[(unsigned int)(d->month - 1) % 12];

	switch (c) {
	case 'a': add(t, day, 3); break;
	case 'A': add(t, day, 9); break;
	case 'B': add(t, month, 9); break;
	case 'p': add(t, d->hour < 12 ? "AM" : "PM", 2); break;
	case 'Z': add(t, "UTC", 3); break;
	case 'z': add(t, "+0000", 5); break;
	case 'n': add(t, "\n", 1); break;
	case 't': add(t, "\t", 1); break;
	default:  add(t, month, 3); // b and h
	}
}

// What a letter stands for if it stands for several others, or NULL.
static const char *
meaning(char c)
{
	switch (c) {
	case 'c': return "%a %b %e %H:%M:%S %Y";
	case 'D':
	case 'x': return "%m/%d/%y";
	case 'F': return "%Y-%m-%d";
	case 'R': return "%H:%M";
	case 'T':
	case 'X': return "%H:%M:%S";
	case 'r': return "%I:%M:%S %p";
	default:  return NULL;
	}
}

static void
add_field(struct text *t, char c, const struct date *d)
{
	switch (c) {
	case 'Y': add_number(t, "%d", d->year); break;
	case 'y': add_number(t, "%02d", d->year % 100); break;
	case 'C': add_number(t, "%02d", d->year / 100); break;
	case 'm': add_number(t, "%02d", d->month); break;
	case 'd': add_number(t, "%02d", d->day); break;
	case 'e': add_number(t, "%2d", d->day); break;
	case 'H': add_number(t, "%02d", d->hour); break;
	case 'I': add_number(t, "%02d", (d->hour + 11) % 12 + 1); break;
	case 'M': add_number(t, "%02d", d->minute); break;
	case 'S': add_number(t, "%02d", d->second); break;
	case 'j': add_number(t, "%03d", d->yearday + 1); break;
	case 'w': add_number(t, "%d", d->weekday); break;
	case 's': add_number(t, "%u", (int)date_seconds(d)); break;
	case '%': add(t, "%", 1); break;
	default:  add_name(t, c, d);
	}
}

static void
add_all(struct text *t, const char *f, const struct date *d)
{
	for (; *f; f++) {
		if (*f != '%' || !f[1])
			add(t, f, 1);
		else if (meaning(*++f))
			add_all(t, meaning(*f), d);
		else if (strchr("YyCmdeHIMSjws%aABbhpZznt", *f))
			add_field(t, *f, d);
		else
			add(t, f - 1, 2);
	}
}

unsigned int
date_format(char *buf, unsigned int size, const char *format,
	    const struct date *d)
{
	struct text t = { buf, 0, size };

	add_all(&t, format, d);
	if (t.n >= size)
		return 0;
	buf[t.n] = 0;
	return t.n;
}
