// The other CPUs: finding them (in ACPI's MADT, else in the MP table) and
// starting them (INIT, STARTUP, x86/apboot.S).
#pragma once
#include "x86/cpu.h"

// Fills cpus[0..ncpu-1].apic_id (cpus[0] is the CPU that runs this), ncpu and
// ncpu_listed, and `machine`, which x86/irq needs. Never fails: a machine that
// describes nothing has one CPU and the 8259. The tables are read where
// entrypgdir maps them or, above that, through phys_map (x86/firmware.h). Call
// before kvmalloc.
void smp_find(void);

// Starts c on stack top `stack`: it runs entry() in the kernel's address space
// kpgdir_pa, paging on, segments flat, interrupts off, before cpu_init.
// Returns 0, or -ETIMEDOUT if c->started is not set within a second.
int smp_start(struct cpu *c, paddr_t kpgdir_pa, vaddr_t stack,
	      void (*entry)(void)) __must_check;
