// Spinlocks. The ranks that a CPU holds are bits of cpu->held, so that the
// check of the lock order is one shift: no bit at or above the new rank may be
// set.
#include "kern/lock.h"
#include "lib/assert.h"
#include "x86/cpu.h"

volatile bool panicked;

_Static_assert(RANK_COUNT <= 32, "cpu->held has a bit for each rank");

void
lock_init(struct spinlock *lk, const char *name, enum lock_rank rank)
{
	*lk = (struct spinlock){ .rank = rank, .name = name };
}

void
acquire(struct spinlock *lk)
{
	struct cpu *c;

	cpu_irq_off();
	c = cpu_this();
	assertf(c->held >> lk->rank == 0, "%s (rank %d) wanted, held %x",
		lk->name, lk->rank, c->held);
	while (xchg(&lk->locked, 1) && !panicked)
		while (lk->locked && !panicked)
			cpu_pause();
	c->held |= 1u << lk->rank;
	lk->cpu = c;
}

void
release(struct spinlock *lk)
{
	assertf(holding(lk), "%s", lk->name);
	lk->cpu = NULL;
	cpu_this()->held &= ~(1u << lk->rank);
	// Stores are seen in order on x86 (SDM vol. 3, 8.2.2); the compiler
	// must keep that order too.
	__atomic_store_n(&lk->locked, 0, __ATOMIC_RELEASE);
	cpu_irq_on();
}

// Only this CPU stores its own address into lk->cpu, so the answer is right
// even while others come and go.
bool
holding(const struct spinlock *lk)
{
	return lk->locked && lk->cpu == cpu_this();
}

void
assert_may_sleep(const char *who)
{
	uint32_t held = cpu_held();

	assertf(held == 0, "%s while ranks %x are held", who, held);
}
