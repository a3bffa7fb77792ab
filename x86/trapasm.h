// What x86/trapasm.S and the generated vectors.S offer to C, beyond trapret
// (x86/trapframe.h).
#pragma once
#include "lib/types.h"

// Where vector n enters: the 256 stubs of x86/vectors.pl.
extern const uint32_t vectors[256];

// The body of the NMI's task: calls the function in %ebx at each NMI.
void nmi_task(void);
