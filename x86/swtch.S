// void swtch(struct context **old, struct context *new)
//
// From one kernel stack to another. C's rules let a function change eax, ecx
// and edx, so only four registers and the place to return to are a thread's
// state; they are left on its own stack, and its context is the address of
// that:
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
