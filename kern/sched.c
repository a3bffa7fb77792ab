// The scheduler: a run queue for each CPU, and the switch from thread to
// thread.
//
//	cpus[0]              cpus[1]              cpus[2]
//	runs A               runs D               idle: takes B from cpus[0]
//	ready: B, C          ready: -             ready: -
//
// A switch goes directly from thread to thread, without a stack of the
// scheduler between. A thread takes its queue's lock before it leaves the CPU,
// and the next thread releases it. So no other CPU sees a thread that is READY
// or SLEEPING but still on its stack.
//
// A CPU holds the lock of one queue at a time. A thread that changes queues is
// in none for a moment, and belongs to the thief.
#include "kern/sched.h"
#include "abi/errno.h"
#include "kern/idle.h"
#include "kern/panic.h"
#include "lib/string.h"

struct runq {
	struct spinlock lock;
	struct list ready; // [s] READY threads
	volatile uint n;   // [s] how many. Others read it as a hint
} __attribute__((aligned(64))); // no two in one line of a CPU's cache

#define RUNQ(i)                                                                \
	[i] = { SPINLOCK("sched", RANK_SCHED), LIST_INIT(runqs[i].ready), 0 }
static struct runq runqs[NCPU] = { RUNQ(0), RUNQ(1), RUNQ(2), RUNQ(3),
				  RUNQ(4), RUNQ(5), RUNQ(6), RUNQ(7)};
static paddr_t kernel_cr3; // [I] the kernel's own directory

// ---- Run queues ------------------------------------------------------------

// Locks the queue that t belongs to. A thief may be faster: then look again.
static struct runq *
runq_lock(const struct thread *t) __acquires(runq)
{
	struct runq *rq = &runqs[t->cpu];

	acquire(&rq->lock);
	while (rq != &runqs[t->cpu]) {
		release(&rq->lock);
		rq = &runqs[t->cpu];
		acquire(&rq->lock);
	}
	return rq;
}

// The end of runq_lock behind a switch: the thread may be on another CPU now.
static void
runq_unlock(void) __releases(runq)
{
	release(&runqs[this_cpu->index].lock);
}

static void
runq_append(struct runq *rq, struct thread *t)
{
	assert(holding(&rq->lock));
	t->state = THREAD_READY;
	list_append(&rq->ready, &t->link);
	rq->n++;
}

// The thread that has waited longest, or NULL.
static struct thread *
runq_pop(struct runq *rq)
{
	struct list *l = list_pop(&rq->ready);

	if (!l)
		return NULL;
	rq->n--;
	return list_entry(l, struct thread, link);
}

// ---- Threads come ----------------------------------------------------------

// The first code of every thread, which swtch returns to. It returns to
// trapret, when start() returns (see thread_init).
static void
thread_begin(void)
{
	this_cpu->irq_was_on = FL_IF;
	runq_unlock();
	thread_this()->start();
}

// The stack that swtch will find:
//
//	kstack -> +----------------------+
//	          | trapframe (reserve)  |
//	          | return to trapret    |  where thread_begin returns to
//	context ->| eip = thread_begin   |
//	          | ebp, ebx, esi, edi   |
//	          +----------------------+
void
thread_init(struct thread *t, vaddr_t kstack, paddr_t cr3, uint reserve,
	    void (*fn)(void))
{
	uint32_t *sp = (uint32_t *)(kstack - reserve);
	struct context *ctx;

	*--sp = reserve ? (uint32_t)trapret : 0;
	ctx = (struct context *)sp - 1;
	*ctx = (struct context){ .eip = (uint32_t)thread_begin };
	t->context = ctx;
	t->kstack = kstack;
	t->cr3 = cr3;
	t->start = fn;
	list_init(&t->link);
	list_init(&t->wait_link);
	list_init(&t->timer);
}

// The queue is this CPU's. If the maker is moved to another one at the wrong
// moment, the thread begins in the former queue: any will do.
void
thread_ready(struct thread *t)
{
	struct runq *rq;

	assert(t->state == THREAD_NEW);
	t->cpu = this_cpu->index;
	rq = runq_lock(t);
	runq_append(rq, t);
	idle_kick(t->cpu);
	release(&rq->lock);
}

// ---- Threads switch --------------------------------------------------------

// Switches from the running thread to the next one of this CPU's queue, whose
// lock it holds, or to the idle thread. The caller has changed the thread's
// state from RUNNING. A thread that needs no address space keeps the last one:
// most often the CPU then goes back to the thread that it came from.
static void
sched(void)
{
	struct cpu *c = cpu_this();
	struct runq *rq = &runqs[c->index];
	struct thread *prev = c->thread, *next = runq_pop(rq);
	uint32_t irq_was_on = c->irq_was_on;

	assert(holding(&rq->lock));
	assertf(c->irq_depth == 1 && c->held == 1u << RANK_SCHED,
		"%s sleeps with locks %x held", prev->name, c->held);
	if (!next)
		next = c->idle;
	next->state = THREAD_RUNNING;
	if (next == prev)
		return;
	user_state_switch(&prev->user, &next->user);
	c->thread = next;
	cpu_set_kstack(next->kstack);
	if (next->cr3 && next->cr3 != c->cr3) // not between threads of a space
		cpu_load_cr3(next->cr3);
	swtch(&prev->context, next->context);
	// prev runs again, perhaps on another CPU. Its local variables are its
	// own, but c is the former CPU.
	this_cpu->irq_was_on = irq_was_on;
}

// If nobody waits, there is nobody to let run first.
void
thread_yield(void)
{
	struct thread *t = thread_this();

	this_cpu->resched = false;
	if (runqs[t->cpu].n == 0)
		return;
	runq_append(runq_lock(t), t);
	sched();
	runq_unlock();
}

// A thread switch between the two lines would load the old directory again.
void
thread_load_cr3(paddr_t pgdir)
{
	cpu_irq_off();
	if (thread_this())
		thread_this()->cr3 = pgdir;
	cpu_load_cr3(pgdir);
	cpu_irq_on();
}

bool
sched_leave_space(void)
{
	if (thread_this()->cr3)
		return false;
	cpu_load_cr3(kernel_cr3);
	return true;
}

// ---- Threads sleep, wake and end -------------------------------------------

// Once lk is released, others may wake or kill the thread. But they first wait
// for the queue's lock, which is free when the thread is off its stack.
int
sched_sleep(struct spinlock *lk, bool killable)
{
	struct thread *t = thread_this();
	int result = -EINTR;

	runq_lock(t);
	if (lk)
		release(lk);
	if (!killable || !t->killed) {
		t->wake_on_kill = killable;
		t->state = THREAD_SLEEPING;
		sched();
		result = t->wake_result;
	}
	runq_unlock();
	return result;
}

// Holds the lock of t's queue, rq.
static void
end_sleep(struct runq *rq, struct thread *t, int result)
{
	t->wake_result = result;
	runq_append(rq, t);
	idle_kick(t->cpu);
}

bool
thread_wake(struct thread *t, int result)
{
	struct runq *rq = runq_lock(t);
	bool asleep = t->state == THREAD_SLEEPING;

	if (asleep)
		end_sleep(rq, t, result);
	release(&rq->lock);
	return asleep;
}

// t->killed comes first: t looks at it with its queue's lock held, before it
// sleeps. So either t sees it, or it sleeps by the time that we have the lock.
void
thread_kill(struct thread *t)
{
	struct runq *rq;

	t->killed = true;
	rq = runq_lock(t);
	if (t->state == THREAD_SLEEPING && t->wake_on_kill)
		end_sleep(rq, t, -EINTR);
	release(&rq->lock);
}

void
thread_exit(struct spinlock *lk)
{
	struct thread *t = thread_this();

	runq_lock(t);
	t->state = THREAD_DEAD;
	if (lk)
		release(lk);
	sched();
	panic("a dead thread ran");
}

void
thread_reap(struct thread *t)
{
	bool dead;

	do {
		struct runq *rq = runq_lock(t);

		dead = t->state == THREAD_DEAD;
		release(&rq->lock);
	} while (!dead);
}

// ---- CPUs ------------------------------------------------------------------

// How many threads want CPU i.
static uint
load(int i)
{
	return runqs[i].n + (cpus[i].thread != cpus[i].idle);
}

// Takes a thread from the CPU that has most to do, if it has at least two more
// than this one. Returns whether there was one. The calling code stays on this
// CPU: it is the idle thread's or an interrupt's. The look at the other queues
// is without their locks: what changes meanwhile is seen at the next tick.
static bool
steal(void)
{
	int me = this_cpu->index, from = me;
	struct thread *t;

	for (int i = 0; i < ncpu; i++)
		if (load(i) > load(from))
			from = i;
	if (load(from) < load(me) + 2)
		return false;
	acquire(&runqs[from].lock);
	t = runq_pop(&runqs[from]);
	if (t)
		t->cpu = me;
	release(&runqs[from].lock);
	if (!t)
		return false;
	acquire(&runqs[me].lock);
	runq_append(&runqs[me], t);
	release(&runqs[me].lock);
	return true;
}

void
scheduler(struct thread *idle)
{
	struct cpu *c = cpu_this();

	idle_init_cpu();
	kernel_cr3 = c->cr3;
	idle->cpu = c->index;
	idle->state = THREAD_RUNNING;
	list_init(&idle->link);
	c->idle = c->thread = idle;
	c->started = true;
	sti();
	for (;;) {
		c->resched = false;
		idle_note(true);
		if (runqs[c->index].n == 0 && !steal()) {
			idle_wait();
			continue;
		}
		idle_note(false);
		runq_lock(idle);
		idle->state = THREAD_READY; // but in no queue
		sched();
		runq_unlock();
	}
}

// An idle CPU keeps the last address space until it has been idle for a tick.
// Then the space's changes and its end no longer concern it.
void
sched_tick(void)
{
	struct cpu *c = cpu_this();
	struct thread *t = c->thread;

	if (t && t == c->idle)
		sched_leave_space();
	if (!t || t == c->idle)
		return;
	t->ticks++;
	steal();
	if (runqs[c->index].n > 0)
		c->resched = true;
}

// Not if the trap was a fault of code that holds a spinlock (copyin_now): then
// a later trap switches.
void
sched_switch_now(void)
{
	struct cpu *c = cpu_this();

	if (c->irq_depth == 0 && c->thread && c->thread != c->idle)
		thread_yield();
}
