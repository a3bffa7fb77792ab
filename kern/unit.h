// In-kernel unit tests. tests/unit/*.c define them; the normal kernel links
// none, so that unit_run finds an empty list and returns.
#pragma once
#include "lib/types.h"

struct unit {
	const char *name;
	void (*run)(void);
};

// UNIT(name) { ... } defines a test; UNIT_CHECK(cond) inside it records a
// failure and goes on.
#define UNIT(fn)                                                               \
	static void fn(void);                                                  \
	static const struct unit unit_##fn                                     \
		__attribute__((section(".units"), used)) = { #fn, fn };        \
	static void fn(void)
#define UNIT_CHECK(c) unit_check((c), #c, __FILE__, __LINE__)
void unit_check(bool ok, const char *cond, const char *file, int line);

// Runs all linked tests, prints a line for each and the count, and leaves
// through power_test_exit(0 or 1); returns if there are none.
void unit_run(void);
