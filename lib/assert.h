// assert: *we* are wrong. For what the world can do there is abi/errno.h.
//
// A failed assert prints the condition, the place and the formatted values,
// and does not return. Who prints differs: the kernel panics (kern/printk.c),
// a program writes to file 2 and exits with status 134, the host tools abort.
#pragma once
#include "lib/types.h"

__noreturn void assert_fail(const char *cond, const char *file, int line,
			    const char *fmt, ...) __printf(4, 5);

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
