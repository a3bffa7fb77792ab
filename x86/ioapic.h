// The I/O APIC: turns device lines into vectors at a CPU (Intel 82093AA).
#pragma once
#include "lib/types.h"

struct isa_line;

// Its registers are at pa, its first input is number gsi. All inputs masked.
// False if nothing answers there, whatever the tables say.
bool ioapic_init(paddr_t pa, uint32_t gsi) __must_check;
// Sends line's input to `vector` at the CPU with this APIC id, unmasked. 0, or
// -EINVAL if this I/O APIC has no such input.
int ioapic_enable(const struct isa_line *line, int vector, uint apic_id)
	__must_check;
