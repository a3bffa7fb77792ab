// A thread of a process: a kernel thread that also runs a program. struct
// thread (kern/sched.h) knows nothing of processes. This struct adds the
// thread's number, its place in its process, and what its joiner wants to know.
#pragma once
#include "kern/sched.h"
#include "kern/wait.h"
#include "lib/list.h"
#include "lib/types.h"

// Letters: [I] constant, [t] the lock of its team (team/team.h).
struct uthread {
	struct thread thread; // its owner is the struct proc
	int tid;              // [t] the first thread's is the pid
	struct list link;     // [t] in its team's list
	bool ended;           // [t] it runs no program any more
	bool joined;          // [t] another thread waits for its end
	int value;            // [t] what thread_exit said
	struct waitq end;     // its joiner sleeps here
};

void uthread_init(void);

// A thread that begins with start() in the kernel. When start returns, the
// thread goes on as a program, with the registers of uthread_trapframe, which
// the caller fills in. 0; -EAGAIN (no number is free), -ENOMEM. The caller
// enters it in a process.
int uthread_new(void (*start)(void), struct uthread **out) __must_check;
// Frees a thread that has ended or was never made ready, but not its number.
// Waits, a moment, until the thread has left its stack.
void uthread_free(struct uthread *u);

// The running thread, which belongs to a process.
static inline struct uthread *
uthread_this(void)
{
	return container_of(thread_this(), struct uthread, thread);
}

// The trapframe of the last entry from user mode, at the top of the stack.
static inline struct trapframe *
uthread_trapframe(const struct uthread *u)
{
	return (struct trapframe *)u->thread.kstack - 1;
}

// The return address of a program's first function: a return to it faults.
#define NO_RETURN 0xFFFFFFFF
// The registers of a program that begins at eip, with its stack at esp.
void trapframe_start(struct trapframe *tf, vaddr_t eip, vaddr_t esp);
