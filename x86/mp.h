// Intel's MP table (MultiProcessor Specification 1.4), in which machines
// without ACPI describe their CPUs.
#pragma once
#include "lib/types.h"

struct machine;

// Fills *m from the MP table. True if *m has a CPU, a local APIC and an I/O
// APIC. False leaves *m undefined: there is no table, or it makes no sense.
bool mp_find(struct machine *m) __must_check;
