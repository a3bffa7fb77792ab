// Output of the kernel itself.
#pragma once
#include "lib/types.h"
#include <stdarg.h>

// Formats (lib/fmt.h) to every console sink. Other CPUs do not break into the
// text. Any context. Before a sink is registered the text is kept (the first 4
// KB) and given to the first one.
void printk(const char *fmt, ...) __printf(1, 2);
void vprintk(const char *fmt, va_list ap) __printf(1, 0);

// A sink writes n bytes without sleeping. It is called by one CPU at a time,
// with any lock held, and in a panic from any CPU.
struct printk_sink {
	void (*write)(const char *s, size_t n);
	struct printk_sink *next;
};
void printk_register(struct printk_sink *sink);

// Writes user output through the same lock and sinks.
void printk_raw(const char *s, size_t n);
