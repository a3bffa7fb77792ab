// Every way into the kernel and the way out. x86/trapasm.S calls trap(tf)
// (x86/trapframe.h).
#pragma once

// The IDT and the interrupt controllers: first CPU, after smp_find and
// kvmalloc.
void trap_init(void);
