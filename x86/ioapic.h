// The I/O APIC: turns device lines into vectors at a CPU (Intel 82093AA).
#pragma once
#include "lib/types.h"

struct isa_line;

// Uses the I/O APIC whose registers are at pa and whose first input is number
// gsi. Masks all inputs. False if no I/O APIC answers, in spite of the tables.
bool ioapic_init(paddr_t pa, uint32_t gsi) __must_check;
// From here on line's input raises `vector` at the CPU with this APIC id.
// Returns 0, or -EINVAL if this I/O APIC has no such input.
int ioapic_enable(const struct isa_line *line, int vector, uint apic_id)
	__must_check;
