// The console: what is typed, as lines or raw; output goes to printk's sinks.
// Character device DEV_CONSOLE.
#pragma once
#include "lib/types.h"

// Early: output only, so that the first printk is seen, and a failed assertion
// panics. Interrupts are not needed.
void console_init_early(void);
// Input: interrupts registered, device entered.
void console_init(void);

void console_set_foreground(int group); // whom Ctrl-C ends; 0: nobody
int console_set_mode(int flags)
	__must_check; // CONS_LINE, CONS_RAW; 0 or -EINVAL

// Who is told: Ctrl-C (with the foreground group), Ctrl-P. Called at interrupt
// time. Set by main.
struct console_hooks {
	void (*interrupt)(int group);
	void (*list)(void);
};
void console_hooks(const struct console_hooks *h);
