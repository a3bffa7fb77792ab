// Unit tests inside the kernel. The files tests/unit/*.c define them. The
// normal kernel links none of them, and unit_run returns at once.
#pragma once
#include "lib/types.h"

struct unit {
	const char *name;
	void (*run)(void);
};

// UNIT(name) { ... } defines a test. UNIT_CHECK(cond) inside it prints a
// failure and goes on.
#define UNIT(fn)                                                               \
	static void fn(void);                                                  \
	static const struct unit unit_##fn                                     \
		__attribute__((section(".units"), used)) = { #fn, fn };        \
	static void fn(void)
#define UNIT_CHECK(c) unit_check((c), #c, __FILE__, __LINE__)
void unit_check(bool ok, const char *cond, const char *file, int line);

// DEADLY(name) { ... } defines a mistake that has to end in a panic. Each needs
// a machine of its own: tests/unit/test_deadly.py stops the machine before
// unit_run, and stores the address of the mistake in
// unit_deadly.
#define DEADLY(fn) __attribute__((used)) static void deadly_##fn(void)
extern void (*volatile unit_deadly)(void); // runs in place of the tests

// Runs all linked tests, prints a line for each and the counts, and ends the
// machine by power_test_exit(0 or 1). Returns if there are no tests.
void unit_run(void);
