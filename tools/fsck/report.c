// What fsck says: a line for each problem.
#include <stdarg.h>
#include <stdio.h>

#include "tools/fsck/fsck.h"

#define MAX_MESSAGES 100

void
fsck_problem(struct fsck *f, const char *fmt, ...)
{
	va_list ap;

	if (++f->problems > MAX_MESSAGES)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}
