// What x86/trapasm.S offers to C, beyond trapret (x86/trapframe.h).
#pragma once

struct trapframe;

// The C function that alltraps calls. Set by idt_init, before the first entry.
extern void (*trap_handler)(struct trapframe *tf);

// The body of the NMI's task: calls the function in %ebx at each NMI.
void nmi_task(void);
