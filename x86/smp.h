// The other CPUs: finding them (in ACPI's MADT, else in the MP table) and
// starting them (INIT, STARTUP, x86/apboot.S).
#pragma once
#include "x86/cpu.h"

// Fills cpus[0..ncpu-1].apic_id (cpus[0] is the CPU that runs this), ncpu and
// ncpu_listed, and `machine`, which x86/irq needs. A machine without tables has
// one CPU and the 8259. Call before kvmalloc, because it reads the tables
// through phys_map (x86/firmware.h).
void smp_find(void);

// Starts CPU c: it runs entry() on the stack whose top is `stack`, in the
// address space kpgdir_pa, with flat segments and interrupts off. entry() calls
// cpu_init. Returns 0, or -ETIMEDOUT if c->started is not set within a second.
int smp_start(struct cpu *c, paddr_t kpgdir_pa, vaddr_t stack,
	      void (*entry)(void)) __must_check;
