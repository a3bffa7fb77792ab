// The pair of 8259 interrupt controllers of the PC, for machines without APICs.
#pragma once
#include "lib/types.h"

// Moves their 16 lines to IRQ_BASE and up, all masked: needed with APICs too,
// as the BIOS has them where the exceptions are.
void pic_init(void);
void pic_unmask(int line);
// The interrupt of `line` is done.
void pic_eoi(int line);
// Was the interrupt of `line` none: a line that fell again before the CPU
// asked? Then it is dealt with, and no handler may be called.
bool pic_spurious(int line);
