// The system-call stubs, made from the one list in abi/syscalls.h.
//
// A stub leaves the stack as its caller made it, because the kernel looks for
// the arguments where C puts them:
//
//	4(%esp)   first argument, then the others
//	(%esp)    the caller's return address
//
// A result of -1 is a failure and nothing else; only then %edx is the reason.
// The names are weak, so that a program may have a function of its own that
// happens to be called like a system call it does not use.
#include "user/user.h"

int errno;

// One tail for all stubs: %eax is -1 already.
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
