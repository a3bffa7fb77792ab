// The start of every CPU except the first. x86/smp.c copies [apboot,
// apboot_end) to a page of low memory. STARTUP leaves the CPU there in real
// mode, with %cs:%ip = (AP_START >> 4):0 and all other registers unknown.
//
//	real mode     -- lgdt, CR0.PE -->          32 bits, no paging
//	              -- entrypgdir, CR0.PG -->    paging, still at AP_START
//	              -- jump -->                  at the kernel's addresses
//	              -- kpgdir, its stack -->     entry()
//
// entrypgdir is needed in between because it maps low memory to itself: the
// instruction after the one that turns paging on is fetched from there.
#include "mmu.h"
#include "memlayout.h"

// The address of a label in the copy.
#define LOW(label) (AP_START + (label) - apboot)

	.section .rodata.apboot, "a"
	.code16
	.globl apboot, ap_params, apboot_end
	.balign 4
apboot:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	LOW(gdt_ptr)
	movl	%cr0, %eax
	orl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$SEL_KCODE, $LOW(protected)

	.code32
protected:
	movl	$SEL_KDATA, %ecx
	movl	%ecx, %ss
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	$CR4_PSE, %ecx		// INIT has cleared CR4
	movl	%ecx, %cr4
	movl	LOW(ap_params), %ecx	// entrypgdir
	movl	%ecx, %cr3
	orl	$(CR0_PG | CR0_WP), %eax
	movl	%eax, %cr0
	movl	$high, %ecx
	jmp	*%ecx

	.balign 8
gdt:
	.quad 0
	.quad SEG_FLAT_CODE
	.quad SEG_FLAT_DATA
gdt_ptr:
	.word	gdt_ptr - gdt - 1
	.long	LOW(gdt)

	.balign 4
ap_params:
	.long	0, 0, 0, 0	// struct ap_params
apboot_end:

	// From here on the code runs at its linked address. It reads the
	// parameters through the kernel's mapping of low memory, which both
	// directories have. The GDT is in the copy, which kpgdir does not map
	// at that address: so no segment may be loaded before cpu_init.
	.text
high:
	movl	$(KERNBASE + AP_START), %ebx
	addl	$(ap_params - apboot), %ebx
	movl	4(%ebx), %eax		// the kernel's directory
	movl	%eax, %cr3
	movl	8(%ebx), %esp
	xorl	%ebp, %ebp		// a backtrace ends here
	pushl	$0
	jmp	*12(%ebx)
