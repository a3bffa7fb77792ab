// Processes: an address space, open files, a place in a family, a thread.
//
//	            proc_fork            exit, killed            wait
//	 (nothing) -----------> alive ------------------> zombie -----> (nothing)
#pragma once
#include "abi/limits.h"
#include "kern/sched.h"
#include "kern/wait.h"
#include "lib/list.h"
#include "lib/types.h"
#include "abi/info.h"

struct files;
struct inode;
struct mm;

// Letters: [p] proc_lock, [o] the process itself only.
struct proc {
	int pid;                // [I] table slot pid % NPROC
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

// Makes the first process: it execs /init. Panics only if memory is out then.
void userinit(void);

// A copy of the running process (user registers from tf, its child returns 0).
// Returns the pid, or -EAGAIN (table full), -ENOMEM. Sleeps.
int proc_fork(struct trapframe *tf) __must_check;

// Ends the running process with a waitpid status (WAIT_EXITED, WAIT_KILLED):
// closes its files, gives its children to init, wakes its parent. The first
// process never gets here: its exit restarts it as /init anew.
__noreturn void proc_exit(int status);

// Waits for a child (pid > 0: that one, -1: any) to become a zombie and frees
// it. flags 0 or WNOHANG. Returns its pid with *status set, 0 if WNOHANG found
// none ready, -ECHILD, or -EINTR if killed. Sleeps.
int proc_wait(int pid, int *status, int flags) __must_check;

// Asks a process / a group to end for `reason`; it does at its next way out of
// the kernel, and its killable sleeps end. 0, -ESRCH, -EPERM (the first process),
// -EINVAL (pid <= 0).
int proc_kill(int pid, int reason) __must_check;
int proc_kill_group(int group, int reason) __must_check;
// Has the running process been asked to end?
bool proc_killed(void);
// On the way out to user mode: ends the process if it was asked to.
void proc_check_killed(void);

// Puts pid (0: the caller; else itself or a child) in group (0: its own pid).
// 0, -ESRCH, -EINVAL.
int proc_setpgid(int pid, int group) __must_check;

// Fills info for the process in the table's slot `index` or the next used one.
// Returns the index to ask for next, or -ESRCH when there are no more.
int proc_info(int index, struct procinfo *info) __must_check;

// The running process goes on in mm (exec's commit); its old one is let go.
void proc_set_mm(struct mm *mm);

// Memory is out: kills the process with most resident pages, SIGKILL. True if
// there was one to kill (then waiting and trying again makes sense).
bool proc_kill_biggest(void);

// A kernel thread running fn() for ever; NULL if memory is out.
struct thread *kthread_start(const char *name, void (*fn)(void));

// Prints all processes with state and where each sleeps (Ctrl-P).
void proc_dump(void);
