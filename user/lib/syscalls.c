// The system-call stubs, made from the one list in abi/syscalls.h.
//
// A stub leaves the stack as its caller made it, because the kernel reads the
// arguments where C puts them:
//
//	4(%esp)   first argument, then the others
//	(%esp)    the caller's return address
//
// A result of -1 always means failure, and %edx is the reason then. The names
// are weak, so that a program may define a function with the name of a system
// call that it does not use.
#include "user/user.h"

int errno;

// All stubs end here after a failure. %eax is -1 already.
asm(".text\n"
    ".type syscall_failed, @function\n"
    "syscall_failed:\n"
    "	movl %edx, errno\n"
    "	ret\n"
    ".size syscall_failed, . - syscall_failed\n");

#define STR_(x) #x
#define STR(x) STR_(x)
#define X(number, name, args)                                                  \
	asm(".text\n"                                                          \
	    ".weak " #name "\n"                                                \
	    ".type " #name ", @function\n" #name ":\n"                         \
	    "	movl $" #number ", %eax\n"                                     \
	    "	int $" STR(T_SYSCALL) "\n"                                     \
	    "	cmpl $-1, %eax\n"                                              \
	    "	je syscall_failed\n"                                           \
	    "	ret\n"                                                         \
	    ".size " #name ", . - " #name "\n");
SYSCALL_LIST(X)
#undef X
