// The kernel's last words.
#pragma once
#include "kern/printk.h"
#include "lib/assert.h"
#include "lib/types.h"

// Makes a failed assertion panic. First of all, on the first CPU.
void panic_init(void);

// Prints the reason, the CPU, the process and a backtrace with symbol names.
// Stops all CPUs. Leaves QEMU if it has the device for that. `panicked`
// (kern/lock.h) is true from here on.
__noreturn void panic(const char *fmt, ...) __printf(1, 2);

// Prints the return addresses of the frames from frame pointer ebp on, with
// names.
void backtrace(vaddr_t ebp);
// Writes the function that holds text address va, and the distance from its
// start, to buf: "name+0x12". An address outside of the kernel's text is
// written as 0x...
char *symbol(vaddr_t va, char *buf, size_t size);

// Names the running process in panic's report. Set by sys/procinfo.c.
extern const char *(*printk_whoami)(void);

// Reports of the two tasks (x86/cpu.h, cpu_task_gates). The TSS that the
// hardware saved says what the CPU was doing. report_double_fault tells a
// kernel stack's overflow from other causes.
void report_double_fault(void);
void report_nmi(void);
