// Where the kernel begins. Programs use it to see that they cannot get there.
#pragma once

#define EXTMEM   0x100000
#define PHYSTOP  0xE000000 // a number for programs, not the real one
#define DEVSPACE 0xFE000000
#define KERNBASE 0x80000000
#define KERNLINK (KERNBASE + EXTMEM)
