// Dates of the Gregorian calendar, for date and for the C library's time.h.
#pragma once

struct date {
	int second, minute, hour;
	int day, month, year; // 1.., 1.., as people write it
	int weekday, yearday; // 0: Sunday; 0: the first of January
};

// The date of a count of seconds since 1970 began, which may be negative.
void date_of(long long seconds, struct date *d);
// The seconds of a date; weekday and yearday are not looked at. Fields that are
// too large or negative count on: day 32 is the first of the next month.
long long date_seconds(const struct date *d);
// Writes a date by a format: %Y %m %d %H %M %S %y %e %j %p %I %a %A %b %B %h %c
// %x %X %D %F %R %T %n %t %% %s %w %Z %z. The bytes written without the final
// 0; 0 if they do not fit.
unsigned int date_format(char *buf, unsigned int size, const char *format,
			 const struct date *d);
