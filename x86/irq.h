// Interrupts: the IDT, who handles which vector, and the controller behind it
// (I/O APIC and local APIC where ACPI or MP tables describe them, else the
// 8259 pair).
//
// Vectors: 0..31 exceptions, IRQ_BASE + n ISA line n, T_SYSCALL system calls,
// IPI_* between CPUs, T_SPURIOUS. Exceptions and system calls go to trap.c;
// everything else goes through irq_dispatch to whoever registered.
#pragma once
#include "lib/types.h"

// Exceptions (SDM vol. 3, 6.15).
enum {
	T_DIVIDE = 0,
	T_DEBUG,
	T_NMI,
	T_BRKPT,
	T_OFLOW,
	T_BOUND,
	T_ILLOP,
	T_DEVICE, // FPU instruction while CR0.TS (#NM)
	T_DBLFLT,
	T_TSS = 10,
	T_SEGNP,
	T_STACK,
	T_GPFLT,
	T_PGFLT,
	T_FPERR = 16,
	T_ALIGN,
	T_MCHK,
	T_SIMDERR,
};

#define IRQ_BASE   32
#define IRQ_TIMER  0
#define IRQ_KBD    1
#define IRQ_COM1   4
#define IRQ_IDE    14
#define IRQ_IDE2   15
#define T_LTIMER   0xF0 // local APIC timer
#define T_LERROR   0xF1 // local APIC error: counted and acknowledged
#define IPI_RESCHED 0xF2 // look at the run queue
#define IPI_TLB    0xF3 // see mm/tlb.h
#define T_SPURIOUS 0xFF

typedef void (*irq_handler)(void *arg);

// Fills the one IDT from vectors[] (x86/vectors.pl): exceptions and interrupts
// as interrupt gates, T_SYSCALL and T_BRKPT, T_OFLOW callable from user mode;
// NMI and double fault as tasks running nmi and df.
void idt_init(void (*nmi)(void), void (*df)(void));
// Loads it on this CPU, with this CPU's task gates.
void idt_load(void);

// Chooses and starts the controllers; all lines masked. First CPU, once, after
// smp_find. irq_init_cpu: this CPU's local APIC, on each CPU.
void irq_init(void);
void irq_init_cpu(void);

// Calls fn(arg), with interrupts off, at each interrupt of ISA line `line`
// (0..15), and unmasks the line, sent to the first CPU. Several handlers may
// share a line: all are called. Returns 0, -EINVAL or -ENOMEM (table full).
int irq_register(int line, irq_handler fn, void *arg) __must_check;
// The same for a vector (T_LTIMER, IPI_...): one handler each.
void irq_register_vector(int vector, irq_handler fn, void *arg);

// Handles vector: calls its handlers and acknowledges. False if it is none of
// the interrupts' (trap.c then treats it as an exception). Interrupts off.
bool irq_dispatch(int vector);

// Sends vector to another CPU / to all others. No-op without local APIC.
struct cpu;
void irq_send(struct cpu *c, int vector);
void irq_send_nmi_others(void);
