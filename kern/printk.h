// Output of the kernel itself.
#pragma once
#include "lib/types.h"
#include <stdarg.h>

// Prints a formatted text (lib/fmt.h) to every sink, not mixed with the text of
// other CPUs. Any context. Before there is a sink, the first 4 KB are kept for
// the first sink.
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
