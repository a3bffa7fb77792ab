// Output of the kernel itself, and its last words.
#pragma once
#include "lib/assert.h"
#include "lib/types.h"
#include <stdarg.h>

// Formats (lib/fmt.h) to every console sink, whole lines unbroken by other
// CPUs. Any context. Before a sink is registered the text is kept (the first 4
// KB) and given to the first one.
void printk(const char *fmt, ...) __printf(1, 2);
void vprintk(const char *fmt, va_list ap) __printf(1, 0);

// A sink writes n bytes without sleeping; it may be called with any lock held
// and in a panic from any CPU, but by one CPU at a time.
struct printk_sink {
	void (*write)(const char *s, size_t n);
	struct printk_sink *next;
};
void printk_register(struct printk_sink *sink);

// Writes user output through the same lock and sinks.
void printk_raw(const char *s, size_t n);

// Prints the reason, CPU, process and a backtrace with symbol names, stops all
// CPUs, and leaves QEMU where its test exit is there. panicked is then true:
// locks are no longer waited for.
__noreturn void panic(const char *fmt, ...) __printf(1, 2);
extern volatile bool panicked;

// Prints the return addresses found from frame pointer ebp, with names.
void backtrace(vaddr_t ebp);
// The function that holds text address va and the distance from its start:
// "name+0x12" into buf. An address outside of the kernel's text prints as 0x...
char *symbol(vaddr_t va, char *buf, size_t size);

// Names the running process in panic's report: set by proc.c.
extern const char *(*printk_whoami)(void);

// Reports of the two tasks (x86/cpu.h cpu_task_gates): what the CPU was doing
// is read from the TSS that the hardware saved. report_double_fault says so if
// the stack pointer stands in a kernel stack's guard page.
void report_double_fault(void);
void report_nmi(void);
