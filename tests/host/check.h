// CHECK for host tests: says what is wrong, counts it, and goes on.
#pragma once
#include <stdbool.h>
#include <stdio.h>

static int failures;

#define CHECK(c) check(c, #c, __FILE__, __LINE__)
static inline void
check(bool ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	printf("%s:%d: %s\n", file, line, what);
	failures++;
}
