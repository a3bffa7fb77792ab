// The machine as the firmware's tables describe it: which CPUs there are, where
// the interrupt controllers are, how the ISA lines are wired. x86/acpi.c or
// x86/mp.c fills a struct machine; x86/smp.c and x86/irq.c use it.
#pragma once
#include "lib/types.h"
#include "x86/cpu.h"

#define ISA_LINES 16

// Where an ISA line arrives, and how.
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
	paddr_t lapic, ioapic; // their registers; 0: the machine has none
	uint32_t ioapic_gsi;   // gsi of the I/O APIC's first input
	uint8_t ioapic_id;     // its name in the MP table
	bool imcr;             // lines must be turned to the APICs (MP 3.6.2)
	struct isa_line line[ISA_LINES];
};

// The machine that this kernel runs on. Set by smp_find.
extern struct machine machine;
// The tables were wrong: from now on there are one CPU and the 8259. Call
// before another CPU is started.
void machine_forget(void);

// Forgets everything except boot_id. Each ISA line arrives at the input of its
// own number, edge-triggered, active high.
void machine_reset(struct machine *m);
// Counts a usable CPU. Remembers its id if it is another CPU and there is room.
// Ignores an id that is known already: some firmware lists a CPU twice.
void machine_add_cpu(struct machine *m, uint apic_id);
// Sets how a line behaves from the flag word that MADT and MP table share (ACPI
// 5.2.12.5): two bits of polarity, two of trigger mode; 3 is low, and level.
void machine_set_line(struct machine *m, uint line, uint32_t gsi, uint flags);
