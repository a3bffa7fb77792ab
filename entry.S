// Where the kernel begins, whoever loaded it: bootmain, or a multiboot loader such
// as `qemu -kernel`. Paging is off: the code is linked at KERNLINK (0x80100000)
// and runs at 1 MB, so until the jump below addresses are made physical by hand.
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
#define MB_FLAGS 0x00000002 // tell us the memory map
#define BOOT_STACK 8192

.section .multiboot, "a"
.balign 4
	.long MB_MAGIC, MB_FLAGS, -(MB_MAGIC + MB_FLAGS)

.text
.globl _start
_start = V2P_WO(entry)

.globl entry
entry:
	movl	%eax, %esi
	movl	%cr4, %eax
	orl	$CR4_PSE, %eax		// 4 MB pages exist
	movl	%eax, %cr4
	movl	$V2P_WO(entrypgdir), %eax
	movl	%eax, %cr3
	movl	%cr0, %eax
	orl	$(CR0_PG | CR0_WP), %eax
	movl	%eax, %cr0		// from here on addresses are virtual

	movl	$(stack + BOOT_STACK), %esp
	xorl	%ebp, %ebp		// backtraces end here
	pushl	%ebx
	pushl	%esi
	pushl	$0			// main does not return
	movl	$main, %eax		// an absolute jump: a relative one would
	jmp	*%eax			// stay low

.comm stack, BOOT_STACK, 4096
