// The user's registers that no trapframe holds: the FPU's (with SSE) and %gs.
// Each thread has a struct user_state, which holds them while it does not run.
//
// The FPU is handed over late. A thread starts with the FPU off. Its first FPU
// instruction raises #NM, and fpu_trap loads its state. A switch saves the
// state only if the thread that leaves has used the FPU since it came.
#pragma once
#include "x86/cpu.h"

// Belongs to the running thread itself.
struct user_state {
	bool fpu_used;        // fpu is to be loaded; false: a fresh FPU
	uint16_t gs;
	vaddr_t tls;          // base of the segment SEG_UTLS
	struct fpu_state fpu;
};

// The registers of a new thread. tls: the base of the segment that its %gs
// selects; 0: its %gs is null.
void user_state_start(struct user_state *s, vaddr_t tls);
// Saves the registers of the thread that leaves the CPU, and loads %gs for the
// thread that comes. Interrupts off.
void user_state_switch(struct user_state *from, struct user_state *to);
// #NM: gives the running thread, whose state this is, the FPU.
void fpu_trap(struct user_state *me);
// Copies the running thread's registers to a new thread's state (fork).
void user_state_copy(struct user_state *me, struct user_state *to);
// Forgets the running thread's registers (exec): FPU fresh, %gs null.
void user_state_reset(struct user_state *me);
