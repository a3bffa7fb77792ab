// The world switch (APM vol. 2, 15.5 and 15.6).
//
//	void svm_switch(paddr_t vmcb, struct svm_regs *regs, paddr_t host)
//
// VMRUN saves the host's segments, control registers, %eip and %esp, and loads
// the guest's. The exit brings them back. The rest is done here:
//
//	VMSAVE, VMLOAD   %fs, %gs, the LDT's and the task's registers
//	mov              the other general registers
//
// From CLGI to STGI the host takes no interrupt. IF is set inside, so that one
// that is waiting ends the guest's run at once, and it is taken when the
// caller turns interrupts on.

	.text
	.globl svm_switch
	.type svm_switch, @function
svm_switch:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	20(%esp), %ebx		// vmcb
	movl	24(%esp), %edi		// regs
	movl	28(%esp), %eax		// host
	pushl	%eax
	pushl	%ebx
	pushl	%edi
	clgi
	sti
	vmsave	%eax
	movl	%ebx, %eax
	vmload	%eax
	movl	0(%edi), %ebx
	movl	4(%edi), %ecx
	movl	8(%edi), %edx
	movl	12(%edi), %esi
	movl	20(%edi), %ebp
	movl	16(%edi), %edi
	vmrun	%eax			// the guest runs
	xchgl	%edi, (%esp)		// %edi: regs; the stack: the guest's %edi
	movl	%ebx, 0(%edi)
	movl	%ecx, 4(%edi)
	movl	%edx, 8(%edi)
	movl	%esi, 12(%edi)
	movl	%ebp, 20(%edi)
	popl	16(%edi)
	popl	%eax			// vmcb
	vmsave	%eax
	popl	%eax			// host
	vmload	%eax
	cli
	stgi
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
	.size svm_switch, . - svm_switch
