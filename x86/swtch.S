// void swtch(struct context **old, struct context *new)
//
// Switches from one kernel stack to another. A C function may change eax, ecx
// and edx. So only four registers and the return address are to be saved. They
// stay on the thread's own stack, and its context is their address:
//
//	before                         a sleeping stack
//	new         %esp + 8           eip   where swtch was called
//	old         %esp + 4           ebp
//	return      %esp               ebx
//	                               esi
//	                               edi   <- *old
	.text
	.globl swtch
swtch:
	movl	4(%esp), %ecx		// old
	movl	8(%esp), %edx		// new
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%ecx)
	movl	%edx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
