// Processes: an address space, open files, a place in a family, threads.
//
//	   proc_fork       exit, kill        last thread ends        wait
//	  -----------> alive -------> ending ----------------> zombie ---->
//
// The first thread of a process has the process's number. Whoever ends a
// process only asks its threads to end (team/team.h). The last one gives the
// memory and the files back.
#pragma once
#include "abi/limits.h"
#include "kern/sched.h"
#include "kern/wait.h"
#include "lib/list.h"
#include "lib/types.h"
#include "team/team.h"

struct files;
struct mm;

// Letters: [I] constant, [p] proc_lock, [o] only the process itself, and only
// its last thread changes it, under proc_lock.
struct proc {
	int pid;                // [I]
	struct team team;       // its threads
	struct mm *mm;          // [o]
	struct files *files;    // [o] file/files.h
	char name[16];          // [o] for ps and messages
	struct proc *parent;    // [p]
	struct list children;   // [p] by sibling; zombies stand first
	struct list sibling;    // [p]
	int group;              // [p]
	bool zombie;            // [p] all threads have ended
	struct waitq children_exit; // the parent's threads sleep here in wait
};

// The running process; NULL in a kernel thread.
static __always_inline struct proc *
proc_this(void)
{
	return thread_this() ? thread_this()->owner : NULL;
}

void proc_init(void);

// Makes the first process. Its thread begins with start() in the kernel. start
// must not return. It is called again whenever the process would end.
void userinit(void (*start)(void));

// Makes a copy of the running process, with the running thread alone. The
// child's user registers are *tf, but its %eax is 0. Returns the child's pid;
// -EAGAIN (too many processes or threads), -ENOMEM, -EINTR (the running thread
// is to end). Sleeps.
int proc_fork(const struct trapframe *tf) __must_check;

// What every new thread of a process runs in the kernel (uthread_new).
void forkret(void);

// Ends the running process with a waitpid status (WAIT_EXITED, WAIT_KILLED),
// unless it is ending already: then its status stays.
__noreturn void proc_exit(int status);
// Ends the running thread. The last one closes the process's files, gives its
// children to the first process, and wakes its parent. The first process never
// ends: its start() is called again.
__noreturn void proc_leave(void);

// Waits for a child (pid > 0: this one, -1: any) to become a zombie, and frees
// it. flags: 0 or WNOHANG. Returns its pid, with its status in *status; 0 if
// WNOHANG found no zombie; -ECHILD; -EINTR if killed. Sleeps.
int proc_wait(int pid, int *status, int flags) __must_check;

// Asks a process to end for `reason` (abi/wait.h). It ends on its next way out
// of the kernel, and its killable sleeps end now. 0, -ESRCH, -EPERM (the first
// process), -EINVAL (pid <= 0). Any context.
int proc_kill(int pid, int reason) __must_check;

// Has the running thread been asked to end: by the end of its process, or by an
// exec of another thread?
static __always_inline bool
proc_killed(void)
{
	struct thread *t = thread_this();

	return t && t->killed;
}

// The running thread, the only one of its process, goes on in mm (exec's
// commit), or without a space if mm is NULL. Drops the reference to the old
// space. Sleeps.
void proc_set_mm(struct mm *mm);

// ---- All processes; the caller holds proc_lock -----------------------------

extern struct spinlock proc_lock;

// The process after p in the table, in no order; NULL: the first, at the end.
struct proc *proc_next(const struct proc *p);
#define proc_for_each(p) \
	for (struct proc *p = proc_next(NULL); p; p = proc_next(p))

struct proc *proc_find(int pid); // or NULL
