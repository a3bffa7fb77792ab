// ACPI's tables, as far as a small kernel needs them.
//
//	RSDP  in low memory, found by its signature
//	  -> RSDT (32-bit pointers) or XSDT (64-bit): a list of
//	       -> MADT "APIC": CPUs, I/O APICs, how ISA lines are wired
//	       -> FADT "FACP": ports for power; points to
//	            -> DSDT: byte code, searched for \_S5_ (how to power off)
//
// The tables come from outside. So a length is checked before it is used, a sum
// before a table is believed, and a checked length bounds every loop. Sections
// are those of the ACPI specification, version 6.
//
// Invariant: one phys_map is in use at a time. A function whose comment says
// "Maps." ends the use of its caller's pointers into tables.
#include "x86/acpi.h"
#include "lib/string.h"
#include "x86/firmware.h"
#include "x86/machine.h"

#define HEADER      36 // bytes of every table's header (5.2.6)
#define MAX_TABLES  64 // entries of the root that are looked at
#define EBDA_PTR    0x40E // the BIOS keeps the EBDA's segment here
#define MADT_CPU    0
#define MADT_IOAPIC 1
#define MADT_LINE   2
#define MADT_LAPIC  5
#define MADT_X2CPU  9
#define CPU_ENABLED 1

static struct acpi_power power;

// ---- Finding a table -------------------------------------------------------

// The root of all tables: its address and the size of its pointers.
struct root {
	paddr_t pa;
	uint width;
};

// Searches [pa, pa + len) for an RSDP with a right sum (5.2.5). Maps.
static bool
rsdp_in(paddr_t pa, uint32_t len, struct root *root)
{
	const uint8_t *p = phys_map(pa, len);

	for (; p && len >= 20; p += 16, len -= 16) {
		if (memcmp(p, "RSD PTR ", 8) != 0 || table_sum(p, 20) != 0)
			continue;
		*root = (struct root){ table_get32(p + 16), 4 };
		// Revision 2 has a 64-bit pointer too. The kernel cannot read
		// above 4 GB.
		if (p[15] >= 2 && len >= HEADER && table_sum(p, HEADER) == 0 &&
		    table_get32(p + 24) != 0 && table_get32(p + 28) == 0)
			*root = (struct root){ table_get32(p + 24), 8 };
		return true;
	}
	return false;
}

// Looks where the specification says (5.2.5.1): in the first KB of the EBDA,
// then in the BIOS's ROM.
static bool
rsdp_find(struct root *root)
{
	const uint8_t *p = phys_map(EBDA_PTR, 2);
	paddr_t ebda = !p ? 0 : (paddr_t)table_get16(p) << 4;

	return (ebda != 0 && rsdp_in(ebda, 1024, root)) ||
	       rsdp_in(0xE0000, 0x20000, root);
}

// The table at pa, with its length in *len. NULL if it has another name or a
// wrong sum. Maps.
static const uint8_t *
table_at(paddr_t pa, const char *name, uint32_t *len)
{
	const uint8_t *p = phys_map(pa, HEADER);

	if (!p || memcmp(p, name, 4) != 0)
		return NULL;
	*len = table_get32(p + 4);
	if (*len < HEADER)
		return NULL;
	p = phys_map(pa, *len);
	return p && table_sum(p, *len) == 0 ? p : NULL;
}

// The first table that the root lists under `name`, or NULL. Maps.
static const uint8_t *
table_find(const struct root *root, const char *name, uint32_t *len)
{
	const char *root_name = root->width == 8 ? "XSDT" : "RSDT";
	paddr_t list[MAX_TABLES];
	uint32_t root_len, n = 0;
	const uint8_t *p = table_at(root->pa, root_name, &root_len);

	if (!p)
		return NULL;
	for (uint32_t at = HEADER;
	     n < MAX_TABLES && root_len - at >= root->width; at += root->width)
		list[n++] = table_get32(p + at);
	for (uint32_t i = 0; i < n; i++) {
		p = table_at(list[i], name, len);
		if (p)
			return p;
	}
	return NULL;
}

// ---- MADT: CPUs and interrupt controllers (5.2.12) -------------------------

// Of several I/O APICs, the one whose inputs begin at 0 has the ISA lines.
static void
madt_ioapic(struct machine *m, paddr_t pa, uint32_t gsi)
{
	if (m->ioapic != 0 && gsi != 0)
		return;
	m->ioapic = pa;
	m->ioapic_gsi = gsi;
}

// Reads one entry of n bytes. Ignores an entry that is too short for its type.
static void
madt_entry(struct machine *m, const uint8_t *p, uint n)
{
	switch (p[0]) {
	case MADT_CPU:
		if (n >= 8 && table_get32(p + 4) & CPU_ENABLED)
			machine_add_cpu(m, p[3]);
		break;
	case MADT_X2CPU:
		if (n >= 12 && table_get32(p + 8) & CPU_ENABLED)
			machine_add_cpu(m, table_get32(p + 4));
		break;
	case MADT_IOAPIC:
		if (n >= 12)
			madt_ioapic(m, table_get32(p + 4), table_get32(p + 8));
		break;
	case MADT_LINE:
		if (n >= 10)
			machine_set_line(m, p[3], table_get32(p + 4),
					 table_get16(p + 8));
		break;
	case MADT_LAPIC:
		if (n >= 12 && table_get32(p + 8) == 0)
			m->lapic = table_get32(p + 4);
		break;
	}
}

// Walks the entries: each has its type and its length. An impossible length
// ends the walk, so that every step goes forward and none goes beyond the end.
static void
madt_read(struct machine *m, const uint8_t *p, uint32_t len)
{
	if (len < 44)
		return;
	m->lapic = table_get32(p + 36);
	for (uint32_t at = 44; len - at >= 2;) {
		uint n = p[at + 1];

		if (n < 2 || n > len - at)
			return;
		madt_entry(m, p + at, n);
		at += n;
	}
}

// ---- FADT and DSDT: power (5.2.9, 7.4.2) -----------------------------------

// Reads a constant of byte code: ZeroOp, OneOp, or BytePrefix and a byte
// (20.2.3). Moves *at behind it. Returns 0 if something else is there.
static uint8_t
aml_byte(const uint8_t *p, uint32_t len, uint32_t *at)
{
	if (len - *at >= 2 && p[*at] == 0x0A) {
		*at += 2;
		return p[*at - 1];
	}
	if (len - *at >= 1)
		return p[(*at)++] == 1;
	return 0;
}

// Is `Name (_S5_, Package ...)` at p + at? Then the first two elements of the
// package are the sleep types of the two PM1 registers.
static bool
aml_s5(const uint8_t *p, uint32_t len, uint32_t at)
{
	bool named =
		p[at - 1] == 0x08 || (p[at - 1] == '\\' && p[at - 2] == 0x08);

	if (memcmp(p + at, "_S5_", 4) != 0 || !named || p[at + 4] != 0x12)
		return false;
	// The package's length: its first byte says how many more there are.
	at += 5 + 1 + (p[at + 5] >> 6) + 1;
	if (at >= len)
		return false;
	power.type_a = aml_byte(p, len, &at) & 7;
	power.type_b = aml_byte(p, len, &at) & 7;
	return true;
}

// Maps.
static void
dsdt_read(paddr_t pa)
{
	uint32_t len;
	const uint8_t *p = table_at(pa, "DSDT", &len);

	if (!p)
		return;
	for (uint32_t at = HEADER; at + 6 < len && !power.has_s5; at++)
		power.has_s5 = aml_s5(p, len, at);
}

// v if it can be a port number, else 0.
static uint16_t
as_port(uint32_t v)
{
	return v <= 0xFFFF ? v : 0;
}

// Reads the FADT, and last the DSDT that it points to. Maps.
static void
fadt_read(const uint8_t *p, uint32_t len)
{
	if (len < 76)
		return;
	power.smi_cmd = as_port(table_get32(p + 48));
	power.acpi_enable = p[52];
	power.pm1a = as_port(table_get32(p + 64));
	power.pm1b = as_port(table_get32(p + 68));
	// Flag 10: there is a reset register; address space 1: it is a port.
	if (len >= 129 && table_get32(p + 112) & 1u << 10 && p[116] == 1 &&
	    table_get32(p + 124) == 0) {
		power.reset = as_port(table_get32(p + 120));
		power.reset_value = p[128];
	}
	dsdt_read(table_get32(p + 40));
}

bool
acpi_find(struct machine *m)
{
	struct root root;
	const uint8_t *p;
	uint32_t len;

	machine_reset(m);
	if (!rsdp_find(&root))
		return false;
	p = table_find(&root, "FACP", &len);
	if (p)
		fadt_read(p, len);
	p = table_find(&root, "APIC", &len);
	if (p)
		madt_read(m, p, len);
	return m->listed > 0 && m->lapic != 0 && m->ioapic != 0;
}

const struct acpi_power *
acpi_power(void)
{
	return &power;
}
