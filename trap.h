// Every way into the kernel and the way out. x86/trapasm.S calls trap(tf)
// (x86/trapframe.h).
#pragma once

// The IDT, the interrupts' start: first CPU, after smp_find and kinit.
void trap_init(void);
