// Intel's MP table (MultiProcessor Specification 1.4): what machines without
// ACPI describe their CPUs with.
#pragma once
#include "lib/types.h"

struct machine;

// Fills m from the MP table. True if m is complete: a CPU, a local and an I/O
// APIC. False leaves m undefined; so does a table that makes no sense.
bool mp_find(struct machine *m) __must_check;
