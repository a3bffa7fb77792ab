// What a system call is: its arguments in, its result out.
#pragma once
#include "abi/syscalls.h"
#include "x86/trapframe.h"

#define SYSCALL_ARGS 6 // the most that a call has

// A call under way. Words that the call does not have are undefined.
struct call {
	struct trapframe *tf;       // the user's registers
	uint32_t arg[SYSCALL_ARGS]; // its arguments, from the user stack
};

// Every call NAME of abi/syscalls.h is a function sys_NAME. It returns what the
// program gets in %eax (0 and up), or a negative errno. -ENOMEM promises that
// nothing happened yet: the call is then run again after a reclaim. The calls
// that do not exist yet stand in sys/syscall.c.
#define X(number, name, args) int sys_##name(struct call *c);
SYSCALL_LIST(X)
#undef X
