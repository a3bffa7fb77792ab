// Idle CPUs. A CPU with nothing to run notes that in idle_cpus and halts.
// Whoever makes a thread ready takes one CPU out of idle_cpus and wakes it.
//
// No wakeup is lost between a CPU's look at the run queue and its hlt. The look
// and the note are one step under sched_lock. A thread that becomes ready later
// finds the note and sends an interrupt. That interrupt sets cpu->resched
// before idle_wait looks at it, or it ends the hlt.
#include "kern/idle.h"
#include "x86/cpu.h"
#include "x86/irq.h"

static volatile uint32_t idle_cpus; // [s] CPUs without a thread, by bit

static void
on_ipi(void *arg)
{
	cpu_this()->resched = true;
}

void
idle_init_cpu(void)
{
	irq_register_vector(IPI_RESCHED, on_ipi, NULL);
}

void
idle_note(bool idle)
{
	uint32_t me = 1u << cpu_this()->index;

	idle_cpus = idle ? idle_cpus | me : idle_cpus & ~me;
}

// This CPU may be idle itself: it runs an interrupt handler that made the
// thread ready. Then it needs no message.
void
idle_kick(void)
{
	struct cpu *c = cpu_this();
	int i;

	if (idle_cpus == 0)
		return;
	i = idle_cpus & 1u << c->index ? c->index : __builtin_ctz(idle_cpus);
	idle_cpus &= ~(1u << i);
	if (i == c->index)
		c->resched = true;
	else
		irq_send(&cpus[i], IPI_RESCHED);
}

void
idle_wait(void)
{
	cli();
	if (cpu_this()->resched)
		sti();
	else
		sti_hlt();
}
