// What is on a kernel stack: the trapframe, which the CPU and x86/trapasm.S
// push at an entry and trapret pops, and the context, which swtch pushes and
// pops.
#pragma once
#include "lib/types.h"
#include "mmu.h"

struct trapframe {
	uint32_t edi, esi, ebp, oesp, ebx, edx, ecx, eax; // pushal
	uint32_t fs, es, ds;
	uint32_t trapno;
	uint32_t err; // 0 if the CPU pushes none
	uint32_t eip, cs, eflags;
	uint32_t esp, ss; // only in an entry from user mode
};

// The registers that a C function must keep, as swtch leaves them on the stack
// of a thread that does not run.
struct context {
	uint32_t edi, esi, ebx, ebp, eip;
};

// Saves the registers on this stack, stores the stack pointer in *old, and
// continues on the stack new. Returns when another swtch continues on the old
// stack.
void swtch(struct context **old, struct context *new);

// The end of the way out of the kernel: pops the trapframe at %esp. Also for
// stacks made by hand.
void trapret(void);

// Goes to user mode with tf, the trapframe at the top of the running thread's
// stack. Does not return: what is below tf on the stack is lost.
__attribute__((noreturn)) static inline void
trap_return(struct trapframe *tf)
{
	__asm__ volatile("movl %0, %%esp; jmp trapret" : : "r"(tf) : "memory");
	__builtin_unreachable();
}

// Virtual-8086 mode is user mode too, and its %cs says nothing. Only the kernel
// can enter it (SDM vol. 2, IRET), but QEMU 7.2 lets a program's iret do so.
static __always_inline bool
from_user(const struct trapframe *tf)
{
	return (tf->cs & 3) == 3 || tf->eflags & FL_VM;
}
