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
struct inode;
struct mm;

// Letters: [p] proc_lock, [o] the process itself only.
struct proc {
	int pid;                // [I]
	struct thread *thread;  // [I]
	struct mm *mm;          // [o] changed by exec and exit, see proc_lock
	struct files *files;    // [o] sys/file.h
	struct inode *cwd;      // [o]
	char name[16];          // [o] for ps and messages
	struct proc *parent;    // [p]
	struct list children;   // [p] of sibling
	struct list sibling;    // [p]
	int group;              // [p]
	bool zombie;            // [p]
	int status;             // [p] abi/wait.h, once zombie
	int kill_reason;        // [p] abi/wait.h SIG..., 0: not killed
	struct waitq children_exit; // parent sleeps here in wait
};

// The running process; NULL in a kernel thread.
static inline struct proc *
proc_this(void)
{
	return thread_this() ? thread_this()->owner : NULL;
}

void proc_init(void);

// Makes the first process, whose thread begins with start() in the kernel.
// start must not return; it is called again whenever the process would end.
void userinit(void (*start)(void));

// A copy of the running process (user registers from tf, its child returns 0).
// Returns the pid, or -EAGAIN (table full), -ENOMEM. Sleeps.
int proc_fork(struct trapframe *tf) __must_check;

// Ends the running process with a waitpid status (WAIT_EXITED, WAIT_KILLED):
// closes its files, gives its children to the first process, wakes its parent.
// The first process itself never ends: its start() is called again.
__noreturn void proc_exit(int status);

// Waits for a child (pid > 0: that one, -1: any) to become a zombie and frees
// it. flags 0 or WNOHANG. Returns its pid with *status set, 0 if WNOHANG found
// none ready, -ECHILD, or -EINTR if killed. Sleeps.
int proc_wait(int pid, int *status, int flags) __must_check;

// Asks a process to end for `reason` (abi/wait.h): it does at its next way out
// of the kernel, and its killable sleeps end. 0, -ESRCH, -EPERM (the first
// process), -EINVAL (pid <= 0).
int proc_kill(int pid, int reason) __must_check;
// Has the running process been asked to end?
static inline bool
proc_killed(void)
{
	struct proc *p = proc_this();

	return p != NULL && p->kill_reason != 0;
}

// On the way out to user mode: ends the process if it was asked to.
void proc_check_killed(void);

// The running process goes on in mm (exec's commit); its old one is let go.
void proc_set_mm(struct mm *mm);

// The trapframe of its last entry from user mode, at the top of p's stack.
static inline struct trapframe *
proc_trapframe(const struct proc *p)
{
	return (struct trapframe *)p->thread->kstack - 1;
}

// For sys/proclist.c. proc_each calls fn for every process that can be seen,
// with proc_lock held; the other two want it held: fn may call them.
void proc_each(void (*fn)(struct proc *p, void *arg), void *arg);
struct proc *proc_find(int pid); // or NULL
void proc_kill_locked(struct proc *p, int reason);
