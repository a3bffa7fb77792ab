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
// Each CPU has a run queue, first in first out, with a lock [s]. A thread
// belongs to one CPU's queue at every moment, t->cpu: it runs on this CPU,
// waits there, or ran there last and sleeps. The lock of this queue guards the
// thread. A thread that leaves a CPU holds the lock, and the thread that comes
// releases it. So whoever takes the lock of a thread that does not run knows
// that the thread has left its stack.
//
// A wakeup puts a thread into the queue of its last CPU, and wakes an idle CPU:
// the last one if it is idle, else any. An idle CPU whose own queue is empty
// takes a thread from the CPU that has most to do (steals). This is the only
// way in which threads change CPUs.
#pragma once
#include "kern/fpu.h"
#include "kern/lock.h"
#include "lib/list.h"
#include "lib/types.h"
#include "x86/cpu.h"
#include "x86/trapframe.h"

enum thread_state { THREAD_NEW, THREAD_READY, THREAD_RUNNING, THREAD_SLEEPING,
		    THREAD_DEAD };

// Letters: [I] constant, [s] the lock of its run queue, [o] only the thread
// itself, [a] atomic, [q] the lock of the wait queue, [t] timeout.c's lock.
struct thread {
	struct context *context; // [s] while it does not run
	vaddr_t kstack;          // [I] top of its kernel stack
	uint32_t cr3;            // [o] directory that it runs on, 0: any
	enum thread_state state; // [s]
	volatile int cpu;        // [s] whose run queue it belongs to
	struct list link;        // [s] in the run queue
	int wake_result;         // [s] the result of its last sleep
	bool wake_on_kill;       // [s] a kill ends its sleep
	volatile bool killed;    // [a] it is to end (thread_kill)
	struct list wait_link;   // [q] in the queue that it sleeps on
	const char *waiting;     // [o] this queue's name, or NULL
	struct list timer;       // [t] in the slot of its deadline
	uint64_t deadline;       // [t] tick at which its sleep ends
	uint32_t held;           // [o] ranks of mutexes held
	uint ticks;              // [o] ticks that found it running
	void (*start)(void);     // [I] what it runs first
	void *owner;             // [I] its process, or NULL: a kernel thread
	const char *name;        // [I] for messages
	struct user_state user;  // [o] registers outside of trapframes
};

// Prepares t, which is all zeros, to begin with fn() on the stack whose top is
// kstack, in the address space cr3. A thread with cr3 0 uses no user addresses:
// it runs in whatever space its CPU has loaded. The caller then sets t->name
// and t->owner.
// If `reserve` is not 0, that many bytes at the stack's top are left for a
// trapframe, which fn's return pops (trapret); else fn must not return.
void thread_init(struct thread *t, vaddr_t kstack, paddr_t cr3, uint reserve,
		 void (*fn)(void));

// Makes a new thread ready. It may run at once, on another CPU.
void thread_ready(struct thread *t);

// Lets the other threads of this CPU's run queue run first. Sleeps.
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

// The end of each CPU's start-up, which becomes the CPU's idle thread: it lets
// ready threads run, and halts the CPU when there is none.
__noreturn void scheduler(struct thread *idle);

// From each CPU's clock interrupt: counts the tick, asks for a switch, and
// takes a thread from a CPU that has much more to do.
void sched_tick(void);
void sched_switch_now(void); // for sched_preempt
// On the way out of a trap, with interrupts off: switches if a tick or a wakeup
// has asked for it.
static __always_inline void
sched_preempt(void)
{
	if (unlikely(this_cpu->resched))
		sched_switch_now();
}

// If the running thread needs no address space of its own, this CPU leaves the
// one that it has kept loaded, for the kernel's. Returns false if the thread
// needs its space. Interrupts off.
bool sched_leave_space(void);

// For kern/wait.c. Puts the running thread to sleep until thread_wake, and
// returns its result. lk, or nothing if it is NULL, is released when a
// thread_wake finds the thread asleep. If `killable`, a kill ends the sleep
// too:
// -EINTR. lk is the only spinlock held.
int sched_sleep(struct spinlock *lk, bool killable) __must_check;
// Ends t's sleep with `result`, and returns true. False if t does not sleep:
// someone else was first. The caller makes sure that t still exists.
bool thread_wake(struct thread *t, int result);
