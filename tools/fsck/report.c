// What fsck says: a line for each problem.
#include <stdarg.h>
#include <stdio.h>

#include "tools/fsck/fsck.h"

#define MAX_MESSAGES 100

bool
fsck_problem(struct fsck *f, const char *fmt, ...)
{
	va_list ap;

	if (++f->problems > MAX_MESSAGES || f->quiet)
		return f->mend;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	return f->mend;
}
