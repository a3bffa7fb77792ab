// Threads: what runs on a CPU. A thread is a kernel stack, a saved context and
// the CR3 value it runs on; it knows nothing of processes, whose thread it may
// be.
//
//	         thread_ready            sched, scheduler
//	  (new) -----------> READY <----------------------> RUNNING --> DEAD
//	                       ^      thread_yield, tick       |   thread_exit
//	                       |                               |
//	                       +---------- SLEEPING <----------+
//	                         wake_*               wait_*
//
// One run queue, first in first out; one lock (sched_lock, [s]) for it and for
// all wait queues. It is held across every switch and released by the thread
// that is switched to.
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
	int wake_result;         // [s] what its wait returns
	bool wake_on_kill;       // [s] its sleep ends when it is killed
	volatile bool killed;    // [a] asked to end (thread_kill)
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

// Makes a new thread runnable; from here on others may see it run.
void thread_ready(struct thread *t);

// Lets others run first. Sleeps.
void thread_yield(void);

// Ends the running thread: it never runs again and stands DEAD. If lk is not
// NULL it is released, atomically: whoever then takes lk and calls thread_reap
// finds the stack free.
__noreturn void thread_exit(struct spinlock *lk);

// Loads a page directory (its physical address) into CR3, now and whenever the
// running thread runs again. Before there are threads: now.
void thread_load_cr3(paddr_t pgdir);

// Waits (a moment, spinning) until t, which called thread_exit, has left its
// stack. After it stack and struct may be freed.
void thread_reap(struct thread *t);

// Asks t to end: t->killed becomes true, and a killable sleep of t returns
// -EINTR. Its own code looks and acts.
void thread_kill(struct thread *t);

// Switches from the running thread to the next, or to idle. Holds sched_lock;
// the thread's state is no longer RUNNING.
void sched(void);

// What a CPU's idle thread does for ever: runs what is ready, else hlt. Each
// CPU enters it at the end of its start-up and becomes its idle thread.
__noreturn void scheduler(struct thread *idle);

// From each CPU's clock interrupt: counts, and asks for a switch.
void sched_tick(void);
// On the way out of an interrupt, interrupts off, no spinlock held: switches if
// a tick or a wakeup asked for it.
void sched_preempt(void);

// For kern/wait.c and kern/mutex.c, which hold sched_lock. sched_block appends
// the running thread to `sleepers` and puts it to sleep. sched_unblock ends
// that sleep; sched_block then returns `result`.
int sched_block(struct list *sleepers);
void sched_unblock(struct thread *t, int result);
