// Idle CPUs. A CPU with nothing to run notes that in idle_cpus and halts.
// Whoever makes a thread ready takes one CPU out of idle_cpus and wakes it.
//
// No wakeup is lost between a CPU's look at the run queues and its hlt:
//
//	the CPU that becomes idle        whoever makes a thread ready
//	notes that in idle_cpus          puts the thread in a run queue
//	looks at the run queues          looks at idle_cpus
//
// Each writes before it looks, and an atomic instruction keeps this order (SDM
// vol. 3, 8.2.2). So at least one of them sees the other: the idle CPU finds
// the thread, or the other one finds the note and sends an interrupt. The
// interrupt sets cpu->resched before idle_wait looks at it, or it ends the hlt.
#include "kern/idle.h"
#include "x86/cpu.h"
#include "x86/irq.h"

static volatile uint32_t idle_cpus; // [a] CPUs without a thread, by bit

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

	if (idle)
		__sync_fetch_and_or(&idle_cpus, me);
	else
		__sync_fetch_and_and(&idle_cpus, ~me);
}

// Takes one CPU out of idle_cpus: `cpu` if it is there. Returns which, or -1.
static int
claim(int cpu)
{
	uint32_t idle, bit;

	__sync_synchronize(); // between the two steps of the drawing above
	while ((idle = idle_cpus)) {
		bit = idle & 1u << cpu ? 1u << cpu : idle & -idle;
		if (__sync_fetch_and_and(&idle_cpus, ~bit) & bit)
			return __builtin_ctz(bit);
	}
	return -1;
}

// This CPU may be idle itself: it runs an interrupt handler that made the
// thread ready. Then it needs no message.
void
idle_kick(int cpu)
{
	int i = claim(cpu);

	if (i == this_cpu->index)
		this_cpu->resched = true;
	else if (i >= 0)
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
