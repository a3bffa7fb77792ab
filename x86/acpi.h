// ACPI's tables: the CPUs and interrupt controllers, and how the machine is
// switched off and reset.
#pragma once
#include "lib/types.h"

struct machine;

// Reads ACPI's tables. Writes the CPUs and controllers to *m, and keeps the
// ways to switch off and to reset for acpi_power. True if *m has a CPU, a local
// APIC and an I/O APIC. False leaves *m undefined. A table that makes no sense
// is ignored.
bool acpi_find(struct machine *m) __must_check;

// The ports that switch the machine off or reset it, from the FADT and the
// DSDT. 0: there is no such port.
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
