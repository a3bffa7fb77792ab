// The kernel's assert_fail. lib/ stands below whoever can print, so a function
// that can is set at start. Programs (user/lib) and host tools have an
// assert_fail of their own.
#include "lib/assert.h"
#include <stdarg.h>

static assert_reporter reporter;

void
assert_report_to(assert_reporter fn)
{
	reporter = fn;
}

void
assert_fail(const char *cond, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (reporter)
		reporter(cond, file, line, fmt, ap);
	__builtin_trap();
}
