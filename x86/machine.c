// The description of this machine, and the one way to write each part of it. An
// entry of a table that makes no sense changes nothing.
#include "x86/machine.h"
#include "lib/string.h"

struct machine machine;

void
machine_forget(void)
{
	machine_reset(&machine);
	ncpu = 1;
}

void
machine_reset(struct machine *m)
{
	uint boot_id = m->boot_id;

	memset(m, 0, sizeof(*m));
	m->boot_id = boot_id;
	for (uint i = 0; i < ISA_LINES; i++)
		m->line[i].gsi = i;
}

void
machine_add_cpu(struct machine *m, uint apic_id)
{
	for (int i = 0; i < m->nothers; i++)
		if (m->other[i] == apic_id)
			return;
	m->listed++;
	if (apic_id == m->boot_id || m->nothers == countof(m->other))
		return;
	// The I/O APIC and the old IPI format name a CPU with 8 bits, and 0xFF
	// means all CPUs. A larger id is counted, but its CPU stays asleep.
	if (apic_id < 0xFF)
		m->other[m->nothers++] = apic_id;
}

void
machine_set_line(struct machine *m, uint line, uint32_t gsi, uint flags)
{
	if (line < ISA_LINES)
		m->line[line] = (struct isa_line){
			.gsi = gsi,
			.low = (flags & 3) == 3,
			.level = (flags >> 2 & 3) == 3,
		};
}
