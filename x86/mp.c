// The MP table: a pointer structure in low memory, a header, and entries of 20
// bytes (CPUs) or 8 bytes (all others), whose first byte is their type.
//
//	"_MP_", address --> header (44 bytes) | CPU | CPU | bus | I/O APIC | ...
//
// An entry of an unknown type has an unknown length, so that the entries behind
// it cannot be read. Such a table is ignored as a whole. Sections are those of
// the specification, version 1.4.
#include "x86/mp.h"
#include "lib/string.h"
#include "x86/firmware.h"
#include "x86/machine.h"

#define HEADER     44
#define ENTRY_CPU  0
#define ENTRY_BUS  1
#define ENTRY_IOAPIC 2
#define ENTRY_LINE 3 // an interrupt to an I/O APIC
#define ENTRY_LINT 4 // one to local APICs
#define ENABLED    1
#define ANY_IOAPIC 0xFF

// Searches [pa, pa + len) for the floating pointer (4.0). In the old default
// configurations there is no table, and its address is 0.
static bool
pointer_in(paddr_t pa, uint32_t len, struct machine *m, paddr_t *table)
{
	const uint8_t *p = phys_map(pa, len);

	for (; p && len >= 16; p += 16, len -= 16) {
		if (memcmp(p, "_MP_", 4) != 0 || p[8] != 1 ||
		    table_sum(p, 16) != 0)
			continue;
		*table = table_get32(p + 4);
		m->imcr = p[12] & 0x80;
		return *table != 0;
	}
	return false;
}

// The pointer has three possible homes: the EBDA, whose address is at 0x40E,
// the end of base memory, and the ROM from 0xF0000 on.
static bool
pointer_find(struct machine *m, paddr_t *table)
{
	const uint8_t *p = phys_map(0x40E, 8);
	paddr_t ebda, base;

	if (!p)
		return false;
	ebda = (paddr_t)table_get16(p) << 4;
	base = (paddr_t)table_get16(p + 5) << 10; // at 0x413: KB of base memory
	return (ebda != 0 && pointer_in(ebda, 1024, m, table)) ||
	       (base > 1024 && pointer_in(base - 1024, 1024, m, table)) ||
	       pointer_in(0xF0000, 0x10000, m, table);
}

// Reads an interrupt source (4.3.4). Only ordinary interrupts (type 0) of the
// ISA bus that go to our I/O APIC count.
static void
read_line(struct machine *m, const uint8_t *p, int isa_bus)
{
	if (p[1] != 0 || p[4] != isa_bus)
		return;
	if (p[6] != m->ioapic_id && p[6] != ANY_IOAPIC)
		return;
	machine_set_line(m, p[5], p[7], table_get16(p + 2));
}

// Reads one entry. Buses, I/O APICs and lines come in this order (4.3).
static void
read_entry(struct machine *m, const uint8_t *p, int *isa_bus)
{
	if (p[0] == ENTRY_CPU && p[3] & ENABLED)
		machine_add_cpu(m, p[1]);
	if (p[0] == ENTRY_BUS && memcmp(p + 2, "ISA", 3) == 0)
		*isa_bus = p[1];
	if (p[0] == ENTRY_IOAPIC && p[3] & ENABLED && m->ioapic == 0) {
		m->ioapic = table_get32(p + 4);
		m->ioapic_id = p[1];
	}
	if (p[0] == ENTRY_LINE)
		read_line(m, p, *isa_bus);
}

// False if an entry is unknown or does not fit.
static bool
read_entries(struct machine *m, const uint8_t *p, uint32_t len)
{
	int isa_bus = -1; // an entry's bus is 0..255: none matches

	for (uint32_t at = HEADER; at < len;) {
		uint32_t n = p[at] == ENTRY_CPU ? 20 : 8;

		if (p[at] > ENTRY_LINT || n > len - at)
			return false;
		read_entry(m, p + at, &isa_bus);
		at += n;
	}
	return true;
}

bool
mp_find(struct machine *m)
{
	const uint8_t *p;
	paddr_t table;
	uint32_t len;

	machine_reset(m);
	if (!pointer_find(m, &table))
		return false;
	p = phys_map(table, HEADER);
	if (!p || memcmp(p, "PCMP", 4) != 0)
		return false;
	len = table_get16(p + 4);
	if (len < HEADER)
		return false;
	p = phys_map(table, len);
	if (!p || table_sum(p, len) != 0)
		return false;
	m->lapic = table_get32(p + 36);
	return read_entries(m, p, len) && m->listed > 0 && m->lapic != 0 &&
	       m->ioapic != 0;
}
