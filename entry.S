// The kernel begins here. bootmain has loaded it, or a multiboot loader such as
// `qemu -kernel`. Paging is off. The code is linked at KERNLINK (0x80100000) and
// runs at 1 MB. So until the jump below, V2P_WO makes addresses physical.
//
//	%eax = 0x2BADB002, %ebx = physical address of the multiboot information
//
//	before      va 0x00100000 = pa                   (no paging)
//	with CR3    va 0x00100000 -> pa 0x00100000       entrypgdir's low entry
//	            va 0x80100000 -> pa 0x00100000       ... and its high one
//	after jmp   only the high one is used
#include "memlayout.h"
#include "mmu.h"

#define MB_MAGIC 0x1BADB002
#define MB_FLAGS 0x00000002 // the loader must pass the memory map
#define BOOT_STACK 8192

.section .multiboot, "a"
.balign 4
	.long MB_MAGIC, MB_FLAGS, -(MB_MAGIC + MB_FLAGS)

.text
.globl _start
_start = V2P_WO(entry)

.globl entry
entry:
	movl	$V2P_WO(entrypgdir), %ecx
	movl	%ecx, %cr3
	movl	%cr4, %ecx
	orl	$CR4_PSE, %ecx		// 4 MB pages exist
	movl	%ecx, %cr4
	movl	%cr0, %ecx
	orl	$(CR0_PG | CR0_WP), %ecx
	movl	%ecx, %cr0		// from here on addresses are virtual

	movl	$(stack + BOOT_STACK), %esp
	xorl	%ebp, %ebp		// backtraces end here
	pushl	%ebx
	pushl	%eax
	pushl	$0			// main does not return
	movl	$main, %ecx		// an absolute jump: a relative jump
	jmp	*%ecx			// would stay at the low address

.comm stack, BOOT_STACK, 4096
