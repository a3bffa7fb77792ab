// assert: *we* are wrong. For what the world can do there is abi/errno.h.
//
// A failed assertion prints the condition, the place and the formatted values,
// and does not return. The kernel then panics (kern/panic.c), a program exits
// with status 134 (user/lib/crt.c), a host tool aborts.
#pragma once
#include "lib/types.h"
#include <stdarg.h>

__noreturn void assert_fail(const char *cond, const char *file, int line,
			    const char *fmt, ...) __printf(4, 5);

// The kernel's: who prints and stops. Until it is set, a failed assertion
// executes an invalid instruction, which ends in a triple fault.
typedef void (*assert_reporter)(const char *cond, const char *file, int line,
				const char *fmt, va_list ap);
void assert_report_to(assert_reporter fn);

#define assert(c)                                                              \
	do {                                                                   \
		if (!(c))                                                      \
			assert_fail(#c, __FILE__, __LINE__, "%s", "");         \
	} while (0)

// assertf(c, "va %x", va): the same, with the values that explain it.
#define assertf(c, ...)                                                        \
	do {                                                                   \
		if (!(c))                                                      \
			assert_fail(#c, __FILE__, __LINE__, __VA_ARGS__);      \
	} while (0)
