// The drawing of the address space. The upper half is the same in every
// directory, except for the window.
//
//	4 GB      +---------------------------+
//	          | devices (APICs, ACPI)     | -> itself, kmap[3]
//	DEVSPACE  +---------------------------+ 0xFE000000
//	          | this directory's tables   | recursive window, user-readable
//	PTWINDOW  +---------------------------+ 0xFDC00000
//	          | kernel stacks, each with  |
//	          | an absent page below it   |
//	KSTACKS   +---------------------------+ 0xFD000000
//	          | nothing                   |
//	          +---------------------------+ KERNBASE + PHYSTOP: 0x8E000000
//	          | all RAM                   | -> itself - KERNBASE, kmap[2]
//	data      +---------------------------+
//	          | kernel text, read-only    | -> 1 MB, kmap[1]
//	KERNLINK  +---------------------------+ 0x80100000
//	          | low 1 MB: BIOS, VGA       | -> 0, kmap[0]
//	KERNBASE  +---------------------------+ 0x80000000
//	          | stack, grows down         |
//	          | mappings                  |
//	          | heap, grows up            |
//	          | data, text                | the process's own pages
//	0x1000    +---------------------------+
//	          | nothing: a null pointer   |
//	0         +---------------------------+
#pragma once

#define EXTMEM   0x00100000 // RAM above the BIOS begins here (physical)
#define KERNBASE 0x80000000 // first kernel virtual address
#define KERNLINK (KERNBASE + EXTMEM) // where the kernel is linked
#define KSTACKS  0xFD000000 // kernel stacks: slots of guard + KSTACK_PAGES
#define PTWINDOW 0xFDC00000 // the directory maps itself here
#define DEVSPACE 0xFE000000 // memory-mapped devices
#define ENTRYTOP 0x00400000 // entrypgdir maps only RAM below this

#define KSTACK_PAGES 2
#define KSTACK_SLOT  ((KSTACK_PAGES + 1) * 4096)
#define KSTACK_COUNT ((PTWINDOW - KSTACKS) / KSTACK_SLOT)

#define RAM_MAX (KSTACKS - KERNBASE) // RAM above this cannot be mapped

// Fixed places in low memory while the machine starts (physical).
#define BOOT_BLOCK 0x7C00 // the BIOS loads sector 0 here
#define BOOT_MAP   0x5000 // bootasm leaves the BIOS's memory map here
#define AP_START   0x7000 // other CPUs begin here (x86/apboot.S)
#define BOOT_SECTORS 16 // sectors of the boot block; the kernel ELF follows

#ifndef __ASSEMBLER__
#include "lib/types.h"

extern paddr_t phystop;
#define PHYSTOP phystop // end of RAM, rounded to 4 MB: found at start

#define V2P(va) ((paddr_t)(vaddr_t)(va)-KERNBASE)
#define P2V(pa) ((void *)(vaddr_t)((paddr_t)(pa) + KERNBASE))
#endif
#define V2P_WO(x) ((x)-KERNBASE) // for the assembler and the linker script
