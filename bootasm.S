// Sector 0. The BIOS loads it at 0x7C00 and jumps here, in real mode, with the
// boot drive in %dl. The code reads the rest of the boot block, asks the BIOS
// for the map of RAM, enters protected mode and calls bootmain.
//
// The code leaves in memory:
//	BOOT_MAP        a multiboot information structure (flags, map's size and place)
//	BOOT_MAP + 64   the BIOS's memory map, as multiboot entries of 24 bytes:
//	                20, base (8 bytes), length (8 bytes), type
// A multiboot loader leaves the same, so the kernel reads one format.
#include "memlayout.h"
#include "mmu.h"

#define MAP_FIRST (BOOT_MAP + 64)
#define MAP_LAST  (BOOT_MAP + 4096 - 24) // the last entry that fits
#define MB_FLAG_MMAP 0x40 // fields 44 (length) and 48 (address) are valid
#define E820_MAGIC 0x534D4150 // "SMAP"

.code16
.globl start
start:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$start, %sp
	sti

	// Read the sectors after this one: the BIOS's extended read (int 13h,
	// 42h).
	movb	$0x42, %ah
	movw	$packet, %si
	int	$0x13
	movw	$disk_message, %si
	jc	fail

	// Open the gate of address line 20. While it is closed, an access to an
	// odd megabyte reaches the even one below it. First ask the BIOS; then
	// use the port that most machines have.
	movw	$0x2401, %ax
	int	$0x15
	inb	$0x92, %al
	testb	$2, %al
	jnz	map
	orb	$2, %al
	andb	$0xFE, %al
	outb	%al, $0x92

	// Get the memory map. Each call returns one entry, and %ebx = 0 with the
	// last.
map:
	xorl	%ebx, %ebx
	movw	$MAP_FIRST, %di
next_entry:
	movl	$20, (%di)
	addw	$4, %di
	movl	$0xE820, %eax
	movl	$E820_MAGIC, %edx
	movl	$20, %ecx
	int	$0x15
	movw	$map_message, %si
	jc	fail
	cmpl	$E820_MAGIC, %eax
	jne	fail
	addw	$20, %di
	testl	%ebx, %ebx
	jz	map_done
	cmpw	$MAP_LAST, %di
	jbe	next_entry
map_done:
	movl	$MB_FLAG_MMAP, BOOT_MAP
	subw	$MAP_FIRST, %di
	movzwl	%di, %edi
	movl	%edi, BOOT_MAP + 44
	movl	$MAP_FIRST, BOOT_MAP + 48

	// Enter protected mode (SDM vol. 3, 9.9.1) with flat segments. The jump
	// loads %cs.
	cli
	lgdt	gdt_pointer
	movl	%cr0, %eax
	orl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmp	$SEL_KCODE, $protected

.code32
protected:
	movw	$SEL_KDATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	$start, %esp
	call	bootmain
	hlt

.code16
// Prints the string at %si on the screen and on the serial line, and stops.
fail:
	lodsb
	testb	%al, %al
	jz	stop
	movb	%al, %cl
	movb	$0x0E, %ah
	xorw	%bx, %bx
	int	$0x10
	movb	%cl, %al
	movw	$0x3F8, %dx
	outb	%al, %dx
	jmp	fail
stop:
	cli
	hlt
	jmp	stop

disk_message:
	.asciz "cr3: the BIOS cannot read the boot disk\r\n"
map_message:
	.asciz "cr3: the BIOS has no memory map (E820)\r\n"

.balign 4
packet: // size, count, offset, segment, first sector (8 bytes)
	.word 16, BOOT_SECTORS - 1, BOOT_BLOCK + 512, 0
	.long 1, 0
gdt:
	.quad 0
	.quad SEG_FLAT_CODE
	.quad SEG_FLAT_DATA
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.long gdt
