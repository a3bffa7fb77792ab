// The way into the kernel and the way out, for every vector.
//
// A stub made by vectors.pl has pushed an error code (0 if the CPU pushed none)
// and the vector's number. It jumps to alltraps, which completes the struct
// trapframe:
//
//	ss, esp       the CPU, if it came from user mode
//	eflags        the CPU
//	cs, eip       the CPU
//	err           the CPU or the stub
//	trapno        the stub
//	ds, es, fs    of the interrupted code; %gs is the user's and stays
//	eax .. edi    pushal              <- %esp, trap_handler's argument
//
// The path is short, because every system call takes it.
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
	// A gate clears only IF, TF and NT. C code needs DF clear: else its
	// first string instruction runs backwards. SMAP needs AC clear: else
	// the user has switched SMAP off. So EFLAGS gets a known value.
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

	// A new process also starts here, with a frame made by hand. No pop
	// below can fault: the CPU accepted these selectors before, when the
	// user loaded them, and no descriptor is ever removed.
	.globl trapret
trapret:
	popal
	popl	%fs
	popl	%es
	popl	%ds
	addl	$8, %esp	// trapno, err
	iret

// The NMI's task (x86/cpu.c). NT is set, so that its iret switches back to the
// interrupted task. The CPU saves this task's state in its TSS: the next NMI
// goes on behind the iret, with the same %ebx and %esp.
	.globl nmi_task
nmi_task:
	call	*%ebx
	iret
	jmp	nmi_task
