// The scheduler: one run queue, and the switch from thread to thread.
//
// A switch goes directly from thread to thread, without a stack of the
// scheduler between. A thread takes sched_lock before it leaves the CPU, and
// the next thread releases it. So no other CPU sees a thread that is READY but
// still on its stack.
#include "kern/sched.h"
#include "abi/errno.h"
#include "kern/idle.h"
#include "kern/panic.h"
#include "lib/string.h"

struct spinlock sched_lock = SPINLOCK("sched", RANK_SCHED);
static struct list run_queue = LIST_INIT(run_queue); // [s] READY threads

// ---- Threads come ----------------------------------------------------------

// The first code of every thread, which swtch returns to. It returns to
// trapret, when start() returns (see thread_init).
static void
thread_begin(void)
{
	this_cpu->irq_was_on = FL_IF;
	release(&sched_lock);
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
	memset(t, 0, sizeof(*t));
	t->context = ctx;
	t->kstack = kstack;
	t->cr3 = cr3;
	t->start = fn;
	list_init(&t->link);
	list_init(&t->timer);
}

static void
make_ready(struct thread *t)
{
	assert(holding(&sched_lock));
	t->state = THREAD_READY;
	list_append(&run_queue, &t->link);
	idle_kick();
}

void
thread_ready(struct thread *t)
{
	acquire(&sched_lock);
	assert(t->state == THREAD_NEW);
	make_ready(t);
	release(&sched_lock);
}

// ---- Threads switch --------------------------------------------------------

void
sched(void)
{
	struct thread *prev = thread_this(), *next;
	struct list *l = list_pop(&run_queue);
	struct cpu *c = cpu_this();
	uint32_t irq_was_on = c->irq_was_on;

	assert(holding(&sched_lock));
	assertf(c->irq_depth == 1 && c->held == 1u << RANK_SCHED,
		"%s sleeps with locks %x held", prev->name, c->held);
	next = l ? list_entry(l, struct thread, link) : c->idle;
	next->state = THREAD_RUNNING;
	if (next == prev)
		return;
	user_state_switch(&prev->user, &next->user);
	c->thread = next;
	cpu_set_kstack(next->kstack);
	cpu_load_cr3(next->cr3);
	swtch(&prev->context, next->context);
	// prev runs again, perhaps on another CPU. Its local variables are its
	// own, but c is the former CPU.
	this_cpu->irq_was_on = irq_was_on;
}

void
thread_yield(void)
{
	acquire(&sched_lock);
	cpu_this()->resched = false;
	make_ready(thread_this());
	sched();
	release(&sched_lock);
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

// ---- Threads sleep and end -------------------------------------------------

int
sched_block(struct list *sleepers)
{
	struct thread *t = thread_this();

	t->state = THREAD_SLEEPING;
	list_append(sleepers, &t->link);
	sched();
	return t->wake_result;
}

void
sched_unblock(struct thread *t, int result)
{
	assert(t->state == THREAD_SLEEPING);
	list_remove(&t->link);
	list_remove(&t->timer);
	t->waiting = NULL;
	t->wake_on_kill = false;
	t->wake_result = result;
	make_ready(t);
}

void
thread_exit(struct spinlock *lk)
{
	acquire(&sched_lock);
	thread_this()->state = THREAD_DEAD;
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
		acquire(&sched_lock);
		dead = t->state == THREAD_DEAD;
		release(&sched_lock);
	} while (!dead);
}

void
thread_kill(struct thread *t)
{
	acquire(&sched_lock);
	t->killed = true;
	if (t->state == THREAD_SLEEPING && t->wake_on_kill)
		sched_unblock(t, -EINTR);
	release(&sched_lock);
}

// ---- CPUs ------------------------------------------------------------------

void
scheduler(struct thread *idle)
{
	struct cpu *c = cpu_this();

	idle_init_cpu();
	idle->state = THREAD_RUNNING;
	idle->cr3 = c->cr3;
	c->idle = c->thread = idle;
	c->started = true;
	sti();
	for (;;) {
		c->resched = false;
		acquire(&sched_lock);
		idle_note(false);
		if (!list_empty(&run_queue)) {
			idle->state = THREAD_READY; // but in no queue
			sched();
			c->resched = true; // look again before hlt
		} else {
			idle_note(true);
		}
		release(&sched_lock);
		idle_wait();
	}
}

void
sched_tick(void)
{
	struct thread *t = thread_this();

	if (!t || t == cpu_this()->idle)
		return;
	t->ticks++;
	if (!list_empty(&run_queue))
		cpu_this()->resched = true;
}

void
sched_preempt(void)
{
	struct cpu *c = cpu_this();

	if (c->resched && c->thread && c->thread != c->idle)
		thread_yield();
}
