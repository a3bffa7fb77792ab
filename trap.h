// Every way into the kernel and the way out.
#pragma once

// The IDT and the interrupt controllers: first CPU, after smp_find and
// kvmalloc.
void trap_init(void);
