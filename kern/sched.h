// Threads: what runs on a CPU. A thread is a kernel stack, a saved context and
// the CR3 value that it runs on. It may belong to a process, but this module
// knows nothing of processes.
//
//	         thread_ready            sched, scheduler
//	  (new) -----------> READY <----------------------> RUNNING --> DEAD
//	                       ^      thread_yield, tick       |   thread_exit
//	                       |                               |
//	                       +---------- SLEEPING <----------+
//	                         wake_*               wait_*
//
// There is one run queue, first in first out, and one lock (sched_lock, [s])
// for it and for all wait queues. A thread that leaves a CPU holds the lock,
// and the thread that comes releases it.
#pragma once
#include "kern/fpu.h"
#include "kern/lock.h"
#include "lib/list.h"
#include "lib/types.h"
#include "x86/cpu.h"
#include "x86/trapframe.h"

enum thread_state { THREAD_NEW, THREAD_READY, THREAD_RUNNING, THREAD_SLEEPING,
		    THREAD_DEAD };

struct waitq;

struct thread {
	struct context *context; // [s] while it does not run
	vaddr_t kstack;          // [I] top of its kernel stack
	uint32_t cr3;            // [o] directory that it runs on
	enum thread_state state; // [s]
	struct list link;        // [s] in the run queue or a wait queue
	struct waitq *waiting;   // [s] the queue it sleeps on
	int wake_result;         // [s] the result of its last sleep
	bool wake_on_kill;       // [s] a kill ends its sleep
	volatile bool killed;    // [a] it is to end (thread_kill)
	struct list timer;       // [s] in the list of timed sleepers
	uint64_t deadline;       // [s] tick at which its sleep ends
	uint32_t held;           // [o] ranks of mutexes held
	uint ticks;              // [o] ticks that found it running
	void (*start)(void);     // [I] what it runs first
	void *owner;             // [I] its process, or NULL: a kernel thread
	const char *name;        // [I] for messages
	struct user_state user;  // [o] registers outside of trapframes
};

extern struct spinlock sched_lock;

// Prepares t to begin with fn() on the stack whose top is kstack, in the
// address space cr3. The caller then sets t->name and t->owner. If `reserve` is
// not 0, that many bytes at the stack's top are left for a trapframe, which
// fn's return pops (trapret); else fn must not return.
void thread_init(struct thread *t, vaddr_t kstack, paddr_t cr3, uint reserve,
		 void (*fn)(void));

// Makes a new thread ready. It may run at once, on another CPU.
void thread_ready(struct thread *t);

// Lets other threads run first. Sleeps.
void thread_yield(void);

// Ends the running thread: it becomes DEAD and never runs again. If lk is not
// NULL, it is released in the same step. Another thread that takes lk may then
// call thread_reap.
__noreturn void thread_exit(struct spinlock *lk);

// Loads a page directory (its physical address) into CR3, now and whenever the
// running thread runs again. Before there are threads: now.
void thread_load_cr3(paddr_t pgdir);

// Waits, a moment, in a loop, until t has left its stack in thread_exit. Then
// the stack and the struct may be freed.
void thread_reap(struct thread *t);

// Asks t to end: sets t->killed, and a killable sleep of t returns -EINTR. The
// code that t runs has to look at t->killed.
void thread_kill(struct thread *t);

// Switches from the running thread to the next, or to the idle thread. Holds
// sched_lock. The caller has changed the thread's state from RUNNING.
void sched(void);

// The end of each CPU's start-up, which becomes the CPU's idle thread: it lets
// ready threads run, and halts the CPU when there is none.
__noreturn void scheduler(struct thread *idle);

// From each CPU's clock interrupt: counts the tick, and asks for a switch.
void sched_tick(void);
// On the way out of an interrupt, with interrupts off and no spinlock held:
// switches if a tick or a wakeup has asked for it.
void sched_preempt(void);

// For kern/wait.c and kern/mutex.c, which hold sched_lock. sched_block appends
// the running thread to `sleepers` and puts it to sleep. sched_unblock ends
// that sleep; sched_block then returns `result`.
int sched_block(struct list *sleepers);
void sched_unblock(struct thread *t, int result);
