// The scheduler: one run queue, switches, the FPU's lazy hand-over.
//
// A switch goes from thread to thread; there is no scheduler's stack between.
// sched_lock is taken before a thread leaves the CPU and released by the next
// one, so nobody sees a thread that is READY and still on its stack.
#include "kern/sched.h"
#include "abi/errno.h"
#include "kern/printk.h"
#include "lib/string.h"
#include "x86/irq.h"

struct spinlock sched_lock = SPINLOCK("sched", RANK_SCHED);
static struct list run_queue = LIST_INIT(run_queue); // [s] READY threads
static volatile uint32_t idle_cpus; // [s] CPUs that hlt, by bit

// ---- Threads come ----------------------------------------------------------

// The first code of every thread, reached by swtch's return. When start
// returns, this one's return address is trapret (see thread_init).
static void
thread_begin(void)
{
	cpu_this()->irq_was_on = true;
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
thread_init(struct thread *t, const char *name, vaddr_t kstack, uint32_t cr3,
	    uint reserve, void (*fn)(void))
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
	t->name = name;
	list_init(&t->link);
	list_init(&t->timer);
}

// Wakes a halted CPU for the thread that was just queued; this CPU itself, if
// it is one of them (an interrupt came while it halted).
static void
kick_idle(void)
{
	uint32_t me = 1u << cpu_this()->index;
	int i;

	if (idle_cpus == 0)
		return;
	i = idle_cpus & me ? cpu_this()->index : __builtin_ctz(idle_cpus);
	idle_cpus &= ~(1u << i);
	if (i == cpu_this()->index)
		cpu_this()->resched = true;
	else
		irq_send(&cpus[i], IPI_RESCHED);
}

static void
make_ready(struct thread *t)
{
	assert(holding(&sched_lock));
	t->state = THREAD_READY;
	list_append(&run_queue, &t->link);
	kick_idle();
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

// Moves the running thread's FPU state from the FPU, if it is there, to t. The
// thread's next FPU instruction traps and loads it again.
static void
fpu_put_away(struct thread *t)
{
	struct cpu *c = cpu_this();

	if (!c->fpu_live)
		return;
	cpu_fpu_save(&t->fpu);
	cpu_fpu_off();
	c->fpu_live = false;
}

// The user's registers that no trapframe holds: FPU and %gs. Most threads use
// neither, and then this costs a few tests.
static void
switch_user_state(struct thread *from, struct thread *to)
{
	fpu_put_away(from);
	from->gs = gs_read();
	if (to->gs | from->gs) {
		cpu_set_tls(to->tls);
		gs_write(to->gs);
	}
}

void
sched(void)
{
	struct thread *prev = thread_this(), *next;
	struct list *l = list_pop(&run_queue);
	struct cpu *c = cpu_this();
	bool irq_was_on = c->irq_was_on;

	assert(holding(&sched_lock));
	assertf(c->irq_depth == 1 && c->held == 1u << RANK_SCHED,
		"%s sleeps with locks %x held", prev->name, c->held);
	next = l ? list_entry(l, struct thread, link) : c->idle;
	next->state = THREAD_RUNNING;
	if (next == prev)
		return;
	switch_user_state(prev, next);
	c->thread = next;
	cpu_set_kstack(next->kstack);
	cpu_load_cr3(next->cr3);
	swtch(&prev->context, next->context);
	// prev runs again, on whichever CPU: what belongs to it is its own
	// local variable, what belongs to the CPU is asked for anew.
	cpu_this()->irq_was_on = irq_was_on;
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

// A switch between the two lines would load the old directory again.
void
thread_load_cr3(paddr_t pgdir)
{
	cpu_irq_off();
	if (thread_this() != NULL)
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
	if (lk != NULL)
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

static void
on_ipi(void *arg)
{
	cpu_this()->resched = true;
}

// Sleeps until an interrupt. A wakeup between the look at the queue and hlt is
// not lost: whoever queues a thread sees our bit and sends an interrupt, which
// sets resched before we look (interrupts on) or ends hlt (interrupts off).
static void
idle_wait(struct cpu *c)
{
	cli();
	if (!c->resched)
		sti_hlt();
	else
		sti();
}

void
scheduler(struct thread *idle)
{
	struct cpu *c = cpu_this();

	irq_register_vector(IPI_RESCHED, on_ipi, NULL);
	idle->state = THREAD_RUNNING;
	idle->cr3 = c->cr3;
	c->idle = c->thread = idle;
	c->started = true;
	sti();
	for (;;) {
		c->resched = false;
		acquire(&sched_lock);
		idle_cpus &= ~(1u << c->index);
		if (!list_empty(&run_queue)) {
			idle->state = THREAD_READY; // in no queue: pick's last
			sched();
			c->resched = true; // look again before hlt
		} else {
			idle_cpus |= 1u << c->index;
		}
		release(&sched_lock);
		idle_wait(c);
	}
}

void
sched_tick(void)
{
	struct thread *t = thread_this();

	if (t == NULL || t == cpu_this()->idle)
		return;
	t->ticks++;
	if (!list_empty(&run_queue))
		cpu_this()->resched = true;
}

void
sched_preempt(void)
{
	struct cpu *c = cpu_this();

	if (c->resched && c->thread != NULL && c->thread != c->idle)
		thread_yield();
}

// ---- The user's registers --------------------------------------------------

void
thread_fpu_trap(void)
{
	struct thread *t = thread_this();

	cpu_irq_off();
	if (cpu_this()->fpu_live) { // an NMI's task switch set TS (SDM 7.3)
		cpu_fpu_on();
		cpu_irq_on();
		return;
	}
	if (!t->fpu_used)
		cpu_fpu_init_state(&t->fpu);
	t->fpu_used = true;
	cpu_fpu_on();
	cpu_fpu_restore(&t->fpu);
	cpu_this()->fpu_live = true;
	cpu_irq_on();
}

void
thread_copy_user_state(struct thread *to)
{
	struct thread *t = thread_this();

	cpu_irq_off();
	fpu_put_away(t);
	cpu_irq_on();
	to->fpu_used = t->fpu_used;
	if (t->fpu_used)
		to->fpu = t->fpu;
	to->gs = gs_read();
	to->tls = t->tls;
}

void
thread_reset_user_state(void)
{
	struct thread *t = thread_this();

	cpu_irq_off();
	t->fpu_used = false;
	cpu_fpu_off();
	cpu_this()->fpu_live = false;
	t->tls = 0;
	gs_write(0);
	cpu_irq_on();
}
