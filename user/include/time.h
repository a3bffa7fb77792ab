// Dates, UTC: there are no time zones. The clock's step is a tick, 1/100
// second.
#pragma once
#include <stddef.h>
#define CLOCKS_PER_SEC 100
typedef long time_t;
typedef long clock_t;
typedef int clockid_t;
enum { CLOCK_REALTIME, CLOCK_MONOTONIC };
struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday,
	    tm_yday, tm_isdst; };
struct timespec {
	time_t tv_sec;
	long tv_nsec;
};
time_t time(time_t *t);   // seconds since 1970 began
clock_t clock(void);      // ticks since the machine's start
double difftime(time_t a, time_t b);
int clock_gettime(clockid_t clock, struct timespec *ts);
int nanosleep(const struct timespec *ts, struct timespec *left);
struct tm *gmtime(const time_t *t);
struct tm *localtime(const time_t *t);
struct tm *gmtime_r(const time_t *t, struct tm *tm);
struct tm *localtime_r(const time_t *t, struct tm *tm);
time_t mktime(struct tm *tm);
char *asctime(const struct tm *tm);
char *ctime(const time_t *t);
size_t strftime(char *buf, size_t size, const char *fmt, const struct tm *tm);
