// time.h: the clock, and dates by user/lib/date.c.
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include "abi/info.h"
#include "user/lib/date.h"

int gettime(struct wall_time *now); // user/user.h
int uptime(void);
int sleep(int ticks);

#define TICK_NS 10000000

time_t
time(time_t *t)
{
	struct wall_time now = { 0 };

	gettime(&now);
	if (t)
		*t = now.seconds;
	return now.seconds;
}

int
gettimeofday(struct timeval *tv, void *zone)
{
	struct wall_time now = { 0 };

	(void)zone;
	gettime(&now);
	*tv = (struct timeval){ now.seconds, now.nanoseconds / 1000 };
	return 0;
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	struct wall_time now = { 0 };
	int ticks = uptime();

	gettime(&now);
	*ts = clock == CLOCK_REALTIME
		      ? (struct timespec){ now.seconds, now.nanoseconds }
		      : (struct timespec){ ticks / CLOCKS_PER_SEC,
					  ticks % CLOCKS_PER_SEC * TICK_NS};
	return 0;
}

int
nanosleep(const struct timespec *ts, struct timespec *left)
{
	if (left)
		*left = (struct timespec){ 0, 0 };
	return sleep(ts->tv_sec * CLOCKS_PER_SEC +
		     (ts->tv_nsec + TICK_NS - 1) / TICK_NS);
}

// Of the machine: nobody counts a process's own.
clock_t
clock(void)
{
	return uptime();
}

double
difftime(time_t a, time_t b)
{
	return (double)a - b;
}

// ---- Dates ------------------------------------------------------------------

static struct date
date_of_tm(const struct tm *tm)
{
	return (struct date){ tm->tm_sec,  tm->tm_min,	   tm->tm_hour,
			     tm->tm_mday, tm->tm_mon + 1, tm->tm_year + 1900,
			     tm->tm_wday, tm->tm_yday};
}

struct tm *
gmtime_r(const time_t *t, struct tm *tm)
{
	struct date d;

	date_of(*t, &d);
	*tm = (struct tm){ d.second,	d.minute,      d.hour,
			  d.day,     d.month - 1, d.year - 1900,
			  d.weekday, d.yearday,	  0};
	return tm;
}

struct tm *
gmtime(const time_t *t)
{
	static struct tm tm;

	return gmtime_r(t, &tm);
}

struct tm *
localtime_r(const time_t *t, struct tm *tm)
{
	return gmtime_r(t, tm);
}

struct tm *
localtime(const time_t *t)
{
	return gmtime(t);
}

time_t
mktime(struct tm *tm)
{
	struct date d = date_of_tm(tm);
	long long seconds = date_seconds(&d);
	time_t t = (time_t)seconds;

	if (t != seconds)
		return -1;
	gmtime_r(&t, tm);
	return t;
}

size_t
strftime(char *buf, size_t size, const char *fmt, const struct tm *tm)
{
	struct date d = date_of_tm(tm);

	return date_format(buf, size, fmt, &d);
}

char *
asctime(const struct tm *tm)
{
	static char text[64];

	strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y\n", tm);
	return text;
}

char *
ctime(const time_t *t)
{
	return asctime(localtime(t));
}
