// Interrupts: the IDT, who handles which vector, and the controller behind it
// (I/O APIC and local APIC where ACPI or MP tables describe them, else the
// 8259 pair).
//
// Exceptions and system calls go to trap.c. Every other vector (x86/vectors.h)
// goes through irq_dispatch to the handlers that were registered for it.
#pragma once
#include "lib/types.h"
#include "x86/vectors.h"

struct cpu;
struct trapframe;

typedef void (*irq_handler)(void *arg);

// Fills the one IDT from vectors[] (x86/vectors.pl): exceptions and interrupts
// as interrupt gates, T_SYSCALL and T_BRKPT, T_OFLOW callable from user mode;
// NMI and double fault as tasks running nmi and df. Every entry except these
// two ends in trap(), which gets what stands on the stack.
void idt_init(void (*trap)(struct trapframe *), void (*nmi)(void),
	      void (*df)(void));
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
void irq_send(struct cpu *c, int vector);
void irq_send_nmi_others(void);
