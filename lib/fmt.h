// The one formatter. Understands %d %i %u %x %X %o %c %s %p %% with the flags
// `-`, `0`, `+`, ` `, `#`, a width, a precision (both also *), and the sizes hh
// h l ll z. %p prints 0x and eight digits on i386. %s of NULL prints (null). An
// unknown conversion is printed unchanged. No floating point.
#pragma once
#include "lib/types.h"
#include <stdarg.h>

// Calls put(ctx, s, n) with successive pieces. Returns the bytes put.
int fmt_put(void (*put)(void *ctx, const char *s, size_t n), void *ctx,
	    const char *fmt, va_list ap) __printf(3, 0);

// Formats into buf at most size bytes, with a final 0 (nothing if size is 0).
// Returns the length of the whole text, as C's snprintf does.
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

// n / d for 64-bit n without a library; *rem (if not NULL) gets the remainder.
uint64_t div_u64(uint64_t n, uint32_t d, uint32_t *rem);
