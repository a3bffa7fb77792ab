// Processes: an address space, open files, a place in a family, a thread.
//
//	           proc_fork          exit, killed          wait
//	(nothing) -----------> alive --------------> zombie -----> (nothing)
#pragma once
#include "abi/limits.h"
#include "kern/sched.h"
#include "kern/wait.h"
#include "lib/list.h"
#include "lib/types.h"

struct files;
struct mm;

// Letters: [I] constant, [p] proc_lock, [o] only the process itself.
struct proc {
	int pid;                // [I]
	struct thread *thread;  // [I]
	struct mm *mm;          // [o] changed under proc_lock, for its readers
	struct files *files;    // [o] file/files.h
	char name[16];          // [o] for ps and messages
	struct proc *parent;    // [p]
	struct list children;   // [p] by sibling; zombies stand first
	struct list sibling;    // [p]
	int group;              // [p]
	bool zombie;            // [p]
	int status;             // [p] abi/wait.h, once zombie
	int kill_reason;        // [p] abi/wait.h SIG..., 0: not killed
	struct waitq children_exit; // the parent sleeps here in wait
};

// The running process; NULL in a kernel thread.
static inline struct proc *
proc_this(void)
{
	return thread_this() ? thread_this()->owner : NULL;
}

void proc_init(void);

// Makes the first process. Its thread begins with start() in the kernel. start
// must not return. It is called again whenever the process would end.
void userinit(void (*start)(void));

// Makes a copy of the running process. The child's user registers are *tf, but
// its %eax is 0. Returns the child's pid; -EAGAIN (the table is full), -ENOMEM,
// -EINTR (the running process is to end). Sleeps.
int proc_fork(const struct trapframe *tf) __must_check;

// Ends the running process with a waitpid status (WAIT_EXITED, WAIT_KILLED):
// closes its files, gives its children to the first process, wakes its parent.
// The first process never ends: its start() is called again.
__noreturn void proc_exit(int status);

// Waits for a child (pid > 0: this one, -1: any) to become a zombie, and frees
// it. flags: 0 or WNOHANG. Returns its pid, with its status in *status; 0 if
// WNOHANG found no zombie; -ECHILD; -EINTR if killed. Sleeps.
int proc_wait(int pid, int *status, int flags) __must_check;

// Asks a process to end for `reason` (abi/wait.h). It ends on its next way out
// of the kernel, and its killable sleeps end now. 0, -ESRCH, -EPERM (the first
// process), -EINVAL (pid <= 0). Any context.
int proc_kill(int pid, int reason) __must_check;

// Has the running process been asked to end?
static inline bool
proc_killed(void)
{
	struct proc *p = proc_this();

	return p && p->kill_reason;
}

// The running process goes on in mm (exec's commit), or without a space if mm
// is NULL. Drops the reference to its old space. Sleeps.
void proc_set_mm(struct mm *mm);

// The trapframe of p's last entry from user mode, at the top of its stack.
static inline struct trapframe *
proc_trapframe(const struct proc *p)
{
	return (struct trapframe *)p->thread->kstack - 1;
}

// ---- All processes; the caller holds proc_lock -----------------------------

extern struct spinlock proc_lock;

// The process after p in the table, in no order; NULL: the first, at the end.
struct proc *proc_next(const struct proc *p);
#define proc_for_each(p) \
	for (struct proc *p = proc_next(NULL); p; p = proc_next(p))

struct proc *proc_find(int pid); // or NULL
void proc_kill_locked(struct proc *p, int reason);
