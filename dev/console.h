// The console, character device DEV_CONSOLE: input as lines or raw, and output
// to printk's sinks.
#pragma once
#include "lib/types.h"

// Early: output only, so that the first printk is seen, and a failed assertion
// panics. Interrupts are not needed.
void console_init_early(void);
// From here on there is input, and the device can be used.
void console_init(void);

void console_set_foreground(int group); // Ctrl-C ends it; 0: no group
int console_set_mode(int flags)
	__must_check; // CONS_LINE, CONS_RAW; 0 or -EINVAL

struct winsize;
// Reads, or with `set` writes, how many rows and columns programs may use.
void console_size(struct winsize *size, bool set);

// The functions that Ctrl-C (with the foreground group) and Ctrl-P call, at
// interrupt time. Either may be NULL.
struct console_hooks {
	void (*interrupt)(int group);
	void (*list)(void);
};
void console_hooks(const struct console_hooks *h);
