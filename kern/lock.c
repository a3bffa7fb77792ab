// Spinlocks. The ranks that a CPU holds are bits of cpu->held. So the check of
// the lock order is one comparison: held is less than the new rank's bit if no
// bit at or above it is set.
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

// Another CPU holds lk. The loop inside only reads, so that the lock's memory
// stays in every waiter's cache until it changes.
__attribute__((noinline)) static void
spin(struct spinlock *lk)
{
	do {
		while (lk->locked && !panicked)
			cpu_pause();
	} while (xchg(&lk->locked, 1) && !panicked);
}

void
acquire(struct spinlock *lk)
{
	uint32_t bit = 1u << lk->rank;

	cpu_irq_off();
	assertf(this_cpu->held < bit, "%s (rank %d) wanted, held %x", lk->name,
		lk->rank, this_cpu->held);
	if (xchg(&lk->locked, 1))
		spin(lk);
	lk->cpu = cpu_this();
	this_cpu->held |= bit;
}

void
release(struct spinlock *lk)
{
	assertf(holding(lk), "%s", lk->name);
	lk->cpu = NULL;
	this_cpu->held &= ~(1u << lk->rank);
	// Stores are seen in order on x86 (SDM vol. 3, 8.2.2); the compiler
	// must keep that order too.
	__atomic_store_n(&lk->locked, 0, __ATOMIC_RELEASE);
	cpu_irq_on();
}

void
assert_may_sleep(const char *who)
{
	// One read: a thread that is moved meanwhile held none before or after.
	uint32_t held = this_cpu->held;

	assertf(held == 0, "%s while ranks %x are held", who, held);
}
