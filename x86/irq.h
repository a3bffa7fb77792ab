// Interrupts: the IDT, the handlers of the vectors, and the controllers: I/O
// APIC and local APIC if ACPI or MP tables describe them, else the 8259 pair.
//
// Exceptions and system calls go to trap.c. Every other vector (x86/vectors.h)
// goes through irq_dispatch to the handlers that were registered for it.
#pragma once
#include "lib/types.h"
#include "x86/vectors.h"

struct cpu;
struct trapframe;

typedef void (*irq_handler)(void *arg);

// Fills the IDT from vectors[] (x86/vectors.h). Programs may call T_SYSCALL,
// T_BRKPT and T_OFLOW. NMI and double fault are tasks that run nmi() and df().
// Every other entry calls trap() with the trapframe on the stack.
void idt_init(void (*trap)(struct trapframe *), void (*nmi)(void),
	      void (*df)(void));
// Loads the IDT on this CPU, and makes this CPU's two tasks.
void idt_load(void);

// Chooses and starts the controllers, with all lines masked. Once, on the first
// CPU, after smp_find.

void irq_init(void);
// Starts this CPU's local APIC. On each CPU.
void irq_init_cpu(void);

// Calls fn(arg), with interrupts off, at each interrupt of ISA line `line`
// (0..15), and unmasks the line, which goes to the first CPU. Several handlers
// may share a line: all are called. Returns 0, -EINVAL (no such line) or
// -ENOMEM (too many handlers).
int irq_register(int line, irq_handler fn, void *arg) __must_check;
// The same for a vector (T_LTIMER, IPI_...). A vector has one handler.
void irq_register_vector(int vector, irq_handler fn, void *arg);

// Calls the vector's handlers and acknowledges the interrupt. False if the
// vector is no interrupt (then it is an exception, for trap.c). Interrupts off.
bool irq_dispatch(int vector);

// Sends a vector to another CPU, or an NMI to all other CPUs that have started.
// Without a local APIC there is no other CPU, and they do nothing.
void irq_send(struct cpu *c, int vector);
void irq_send_nmi_others(void);
