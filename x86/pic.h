// The pair of 8259 interrupt controllers of the PC, for machines without APICs.
#pragma once
#include "lib/types.h"

// Moves the 16 lines to IRQ_BASE and up, all masked. Needed with APICs too,
// because the BIOS leaves the lines at the vectors of exceptions.
void pic_init(void);
void pic_unmask(int line);
// Acknowledges the interrupt of `line`.
void pic_eoi(int line);
// Is the interrupt of `line` spurious: was the line no longer active when the
// CPU asked? Then it is acknowledged as it must be, and no handler is to be
// called.
bool pic_spurious(int line);
