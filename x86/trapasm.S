// The way into the kernel and the way out, for every vector.
//
// A stub of vectors.S has pushed an error code (0 where the CPU pushed none)
// and the vector's number, and jumps to alltraps, which completes struct
// trapframe:
//
//	ss, esp       the CPU, if it came from user mode
//	eflags        the CPU
//	cs, eip       the CPU
//	err           the CPU or the stub
//	trapno        the stub
//	ds, es, fs    what the interrupted code had; %gs is the user's and stays
//	eax .. edi    pushal                      <- %esp, trap_handler's argument
//
// The path is short on purpose: every system call pays for each line twice.
#include "mmu.h"

	.bss
	.balign 4
	.globl trap_handler
trap_handler:
	.long 0

	.text
	.globl alltraps
alltraps:
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushal
	// A gate clears only IF, TF and NT. C code wants DF clear, as by cld
	// (else the first string instruction runs backwards over the kernel),
	// and SMAP wants AC clear (else the user switches it off): a known
	// EFLAGS has all of it.
	pushl	$2
	popfl
	movl	$SEL_KDATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	$SEL_KCPU, %eax
	movl	%eax, %fs
	pushl	%esp
	call	*trap_handler
	addl	$4, %esp

	// Here begins, too, a process that never came in: its frame is made by
	// hand. No pop below can fault: the selectors are the user's own, which
	// its CPU accepted once, and no descriptor is ever taken away.
	.globl trapret
trapret:
	popal
	popl	%fs
	popl	%es
	popl	%ds
	addl	$8, %esp	// trapno, err
	iret

// The NMI's task (x86/cpu.c). Its iret switches back to the interrupted task,
// as NT is set; the CPU keeps the task's state in its TSS, so that the next NMI
// goes on behind the iret, with %ebx and %esp as they were.
	.globl nmi_task
nmi_task:
	call	*%ebx
	iret
	jmp	nmi_task
