// The 256 vectors: who has which. 0..31 are exceptions, IRQ_BASE + n is ISA
// line n, T_SYSCALL (abi/syscalls.h) is a system call, the rest belongs to the
// local APIC and to messages between CPUs.
#pragma once
#include "abi/traps.h" // T_DIVIDE and the other exceptions
#include "lib/types.h"

#define IRQ_BASE    32
#define IRQ_TIMER   0
#define IRQ_KBD     1
#define IRQ_COM1    4
#define IRQ_IDE     14
#define IRQ_IDE2    15
#define T_LTIMER    0xF0 // local APIC timer
#define T_LERROR    0xF1 // local APIC error: counted and acknowledged
#define IPI_RESCHED 0xF2 // look at the run queue
#define IPI_TLB     0xF3 // see mm/tlb.h
#define T_SPURIOUS  0xFF

// Where each vector enters the kernel: the stubs that x86/vectors.pl makes.
extern const uint32_t vectors[256];
