// Finding the IDE disks.
#pragma once

// Finds the disks, enters them in blk and prints a line for each, or says why
// there is none. Once, on the first CPU, before clock_start. Interrupts may be
// off. Requests need them on, and the clock's ticks for their time limit.
void ide_init(void);
