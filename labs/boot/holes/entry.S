// From the loader to main: parts B and C.
entry:
	movl	$V2P_WO(told), %esi	// part B. Until you have written it, it
	movw	$0x3F8, %dx		// says so on the serial line, and stops
	cld
1:	lodsb
	outb	%al, %dx
	testb	%al, %al
	jnz	1b
	hlt
told:
	.asciz	"\npanic: boot.entry: not implemented\n"

