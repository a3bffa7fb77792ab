// Time since the machine's start: there is no clock that knows the date.
#pragma once
#include <stddef.h>
#define CLOCKS_PER_SEC 100
typedef long time_t;
typedef long clock_t;
struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday,
	    tm_yday, tm_isdst; };
time_t time(time_t *t);   // seconds since the start
clock_t clock(void);      // ticks since the start
double difftime(time_t a, time_t b);
struct tm *gmtime(const time_t *t);
struct tm *localtime(const time_t *t);
time_t mktime(struct tm *tm);
size_t strftime(char *buf, size_t size, const char *fmt, const struct tm *tm);
