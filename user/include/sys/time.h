// The time of day (POSIX).
#pragma once
#include "user/include/time.h"
struct timeval {
	time_t tv_sec;
	long tv_usec;
};
int gettimeofday(struct timeval *tv, void *zone);
