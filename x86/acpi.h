// What the firmware's tables say of the machine: ACPI's (x86/acpi.c), or else
// Intel's older MP table (x86/mp.c). Both fill a struct machine, which
// x86/smp.c and x86/irq.c use when the tables are out of reach.
#pragma once
#include "lib/types.h"
#include "x86/cpu.h"

#define ISA_LINES 16

// Where ISA line n arrives, and how.
struct isa_line {
	uint32_t gsi; // input number, counted over all I/O APICs
	bool low;     // active low
	bool level;   // level-triggered
};

struct machine {
	uint boot_id;          // APIC id of the running CPU; set before
	int listed;            // usable CPUs, the boot CPU included
	int nothers;           // how many of other[] are used
	uint other[NCPU - 1];  // APIC ids of the other CPUs
	paddr_t lapic, ioapic; // registers; 0: not described
	uint32_t ioapic_gsi;   // gsi of the I/O APIC's first input
	uint8_t ioapic_id;     // its name in the MP table
	bool imcr;             // lines must be turned to the APICs (MP 3.6.2)
	struct isa_line line[ISA_LINES];
};

// Forgets everything but boot_id: ISA lines arrive at inputs of their number,
// edge-triggered, active high.
void machine_reset(struct machine *m);
// Counts a usable CPU; remembers it if it is another and there is room. An id
// that is there already is ignored: some firmware lists a CPU twice.
void machine_add_cpu(struct machine *m, uint apic_id);
// Sets how a line behaves from the flag word that MADT and MP table share (ACPI
// 5.2.12.5): two bits of polarity, two of trigger mode; 3 is low, and level.
void machine_set_line(struct machine *m, uint line, uint32_t gsi, uint flags);

// len bytes of physical memory at pa, to be read before the next phys_map; NULL
// if len is 0 or more than PHYS_MAX or the range passes 4 GB. Only while
// entrypgdir is loaded; phys_unmap ends it.
#define PHYS_MAX 0x100000
const uint8_t *phys_map(paddr_t pa, uint32_t len);
void phys_unmap(void);

// Little-endian values at any alignment; the sum that is 0 over a sound table.
uint16_t table_get16(const uint8_t *p);
uint32_t table_get32(const uint8_t *p);
uint8_t table_sum(const uint8_t *p, uint32_t len);

// Reads ACPI's tables: the CPUs and controllers to m, the ways to switch off
// and to reset to a place of its own. True if m is complete: a CPU, a local and
// an I/O APIC. False leaves m undefined. Tables that lie are ignored, never
// followed.
bool acpi_find(struct machine *m) __must_check;

// The ports that end the machine, copied from the FADT and the DSDT; 0 is none.
struct acpi_power {
	uint16_t pm1a, pm1b;     // PM1 control registers
	uint8_t type_a, type_b;  // SLP_TYP of S5
	bool has_s5;             // type_a and type_b are known
	uint16_t smi_cmd;        // writing acpi_enable here turns ACPI on
	uint8_t acpi_enable;
	uint16_t reset;          // I/O port of the reset register
	uint8_t reset_value;
};
const struct acpi_power *acpi_power(void);
