// The system-call stubs, made from the one list in abi/syscalls.h.
//
// A stub leaves the stack as its caller made it, because the kernel reads the
// arguments where C puts them:
//
//	4(%esp)   first argument, then the others
//	(%esp)    the caller's return address
//
// A result of -1 always means failure, and %edx is the reason then. A call has
// two names. Its plain name is weak, so that the library may do more under this
// name (fork.c), and a program may define a function with the name of a call
// that it does not use. sys_NAME is always the call.
#include "user/user.h"

int main_errno;

// A thread has its errno at %gs:0. The first thread has no %gs.
int *
errno_location(void)
{
	int *self;
	uint gs;

	asm volatile("movl %%gs, %0" : "=r"(gs));
	if (!(gs & 0xffff))
		return &main_errno;
	asm volatile("movl %%gs:4, %0" : "=r"(self));
	return self;
}

// All stubs end here after a failure. %eax is -1 already.
asm(".text\n"
    ".globl syscall_failed\n"
    ".type syscall_failed, @function\n"
    "syscall_failed:\n"
    "	movl %gs, %ecx\n"
    "	testw %cx, %cx\n"
    "	jz 1f\n"
    "	movl %edx, %gs:0\n"
    "	ret\n"
    "1:	movl %edx, main_errno\n"
    "	ret\n"
    ".size syscall_failed, . - syscall_failed\n");

#define STR_(x) #x
#define STR(x) STR_(x)
#define X(number, name, args)                                                  \
	asm(".text\n"                                                          \
	    ".globl sys_" #name "\n"                                           \
	    ".type sys_" #name ", @function\n"                                 \
	    ".weak " #name "\n"                                                \
	    ".set " #name ", sys_" #name "\n"                                  \
	    "sys_" #name ":\n"                                                 \
	    "	movl $" #number ", %eax\n"                                     \
	    "	int $" STR(T_SYSCALL) "\n"                                     \
	    "	cmpl $-1, %eax\n"                                              \
	    "	je syscall_failed\n"                                           \
	    "	ret\n"                                                         \
	    ".size sys_" #name ", . - sys_" #name "\n");
SYSCALL_LIST(X)
#undef X
