// What stands on the kernel stack after an entry: pushed by the CPU and by
// x86/trapasm.S (which draws it), popped by trapret. swtch's context too.
#pragma once
#include "lib/types.h"

struct trapframe {
	uint32_t edi, esi, ebp, oesp, ebx, edx, ecx, eax; // pushal
	uint32_t fs, es, ds;
	uint32_t trapno;
	uint32_t err; // 0 where the CPU pushes none
	uint32_t eip, cs, eflags;
	uint32_t esp, ss; // only if it came from user mode
};

// The callee-saved registers, as swtch leaves them on a stack that sleeps.
struct context {
	uint32_t edi, esi, ebx, ebp, eip;
};

// Saves the registers here, *old = the stack pointer; continues on new.
void swtch(struct context **old, struct context *new);

// Ends of the way out, for stacks made by hand: pops a trapframe at %esp.
void trapret(void);

// Leaves for user mode with tf, a trapframe at the top of the running thread's
// stack, for good: what is on the stack below it is forgotten.
__attribute__((noreturn)) static inline void
trap_return(struct trapframe *tf)
{
	__asm__ volatile("movl %0, %%esp; jmp trapret" : : "r"(tf) : "memory");
	__builtin_unreachable();
}

static inline bool
from_user(const struct trapframe *tf)
{
	return (tf->cs & 3) == 3;
}
