// Spinlocks: what acquire and release (kern/lock.h) do when it takes longer.
#include "kern/lock.h"
#include "lib/assert.h"
#include "x86/cpu.h"

volatile bool panicked;

#ifdef DEBUG // until kern/watchdog.c has its own
static void
watch_nothing(const struct spinlock *lk, enum lock_event event)
{
}
void (*lock_watch)(const struct spinlock *lk,
		   enum lock_event event) = watch_nothing;
#endif

_Static_assert(RANK_COUNT <= 32, "cpu->held has a bit for each rank");

void
lock_init(struct spinlock *lk, const char *name, enum lock_rank rank)
{
	*lk = (struct spinlock){ .bit = 1u << rank, .name = name };
}

// Another CPU holds lk. The loop inside only reads, so that the lock's memory
// stays in every waiter's cache until it changes.
void
lock_wait(struct spinlock *lk)
{
	struct cpu *nobody;

	do {
		while (lk->cpu && !panicked) {
			lock_watch(lk, LOCK_SPINS);
			cpu_pause();
		}
		nobody = NULL;
	} while (!__atomic_compare_exchange_n(&lk->cpu, &nobody, cpu_this(),
					      false, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED) &&
		 !panicked);
	lk->cpu = cpu_this(); // in a panic it may still be another's
}

void
lock_order_broken(const struct spinlock *lk)
{
	assertf(0, "%s (rank %d) wanted, held %x", lk->name,
		__builtin_ctz(lk->bit), this_cpu->held);
}

void
lock_not_held(const struct spinlock *lk)
{
	assertf(0, "%s is released by a CPU that does not hold it", lk->name);
}

void
lock_sleeper(const char *who, uint32_t held)
{
	assertf(0, "%s while ranks %x are held", who, held);
}
