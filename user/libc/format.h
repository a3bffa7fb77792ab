// The printf family's engine.
#pragma once
#include <stdarg.h>
#include <stddef.h>

// Writes the text by put(arg, s, n). Returns its length.
int libc_format(void (*put)(void *arg, const char *s, size_t n), void *arg,
		const char *fmt, va_list ap);
