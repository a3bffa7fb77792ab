// Spinlocks, and the one lock order.
//
// Every lock has a rank. A thread takes locks in growing order of rank only,
// which acquire and mutex_lock assert. So two locks in the wrong order are
// found by the first run that takes them, and not only by the run that gets
// into a deadlock.
#pragma once
#include "lib/types.h"
#include "x86/cpu.h"

// The lock order. First the sleeping locks (kern/mutex.h), which threads hold.
// Then the spinlocks, which CPUs hold with interrupts off. Of one rank at most
// one lock is held.
enum lock_rank {
	RANK_NONE,
	// sleeping
	RANK_PAGEOUT,  // one thread at a time takes pages out of memory
	RANK_OFFSET,   // a file's offset
	RANK_MM,       // an address space's areas
	RANK_RENAME,   // one rename at a time
	RANK_DIR,      // an inode used as a directory: parents before children
	RANK_DIR2,     // the second directory of a rename or rmdir
	RANK_INODE,    // any other inode
	RANK_LOG,      // the journal
	RANK_PAGE,     // one page of the cache, while it is filled or written
	// spinning
	RANK_SPIN,     // no lock: the border
	RANK_PROC,     // the process table and families
	RANK_TEAM,     // the threads of one process
	RANK_IDS,      // numbers of threads; kernel stacks
	RANK_FILES,    // open-file tables and counts
	RANK_PIPE,     // one pipe
	RANK_TTY,      // console input
	RANK_SPACES,   // the list of address spaces
	RANK_FUTEX,    // the threads that wait for words of memory
	RANK_AREA_LIST, // the areas that map an inode
	RANK_PAGE_TABLE, // one address space's tables
	RANK_SWAP,     // the slots of swap
	RANK_ITABLE,   // inodes in memory
	RANK_LOGSTATE, // the journal's counters
	RANK_CACHE,    // pages of the cache
	RANK_BLK,      // a disk's queue
	RANK_SLAB,     // small objects
	RANK_KALLOC,   // physical pages
	RANK_MUTEX,    // the waiters of a mutex
	RANK_TIMEOUT,  // deadlines of sleeps; the watchdog's sleepers
	RANK_SCHED,    // one CPU's run queue
	RANK_CONSOLE,  // output
	RANK_COUNT,
};

struct spinlock {
	struct cpu *volatile cpu; // the CPU that holds it, or NULL
	uint32_t bit;             // [I] 1 << rank
	const char *name;         // [I]
};

#define SPINLOCK(n, r) { .bit = 1u << (r), .name = (n) }

void lock_init(struct spinlock *lk, const char *name, enum lock_rank rank);

#if defined(KERNEL) && !defined(__CHECKER__)
#define LOCK_FN static __always_inline
#else // a test on the host has its own; sparse believes the declarations
#define LOCK_FN
#endif

// Waits, in a loop, until this CPU holds lk. Interrupts stay off until the last
// release. Panics if the CPU already holds a lock of this rank or a later one.
LOCK_FN void acquire(struct spinlock *lk) __acquires(lk);
// Panics if this CPU does not hold lk.
LOCK_FN void release(struct spinlock *lk) __releases(lk);
// Does this CPU hold lk? For assertions. Only this CPU stores its own address,
// so the answer is right even while others come and go.
static __always_inline bool
holding(const struct spinlock *lk)
{
	return lk->cpu == cpu_this();
}
// A panic stops the other CPUs, some of them inside a lock: from then on nobody
// waits for a lock. Set by kern/panic.c.
extern volatile bool panicked;
// Panics, with `who` in the message, if this CPU holds any spinlock. A function
// that may sleep or that uses user memory calls it first.
LOCK_FN void assert_may_sleep(const char *who);

// For kern/watchdog.c, in kernels with DEBUG=1: this CPU has taken lk, or given
// it back, or waits for it.
enum lock_event { LOCK_TAKEN, LOCK_RELEASED, LOCK_SPINS };
#ifdef DEBUG
extern void (*lock_watch)(const struct spinlock *lk, enum lock_event event);
#else
#define lock_watch(lk, event) ((void)0)
#endif

// ---- The short way, which most calls take ----------------------------------

// For acquire: lk is not free, or its rank is too low.
void lock_wait(struct spinlock *lk);
__noreturn void lock_order_broken(const struct spinlock *lk);
// For assert_may_sleep: ranks are held.
__noreturn void lock_sleeper(const char *who, uint32_t held);
// For release: this CPU does not hold lk.
__noreturn void lock_not_held(const struct spinlock *lk);

#if defined(KERNEL) && !defined(__CHECKER__)

// The ranks that a CPU holds are bits of cpu->held. So the order is right if
// held is less than the new lock's bit: no bit at or above it is set.
LOCK_FN void
acquire(struct spinlock *lk)
{
	struct cpu *nobody = NULL;

	cpu_irq_off();
	if (unlikely(this_cpu->held >= lk->bit))
		lock_order_broken(lk);
	this_cpu->held |= lk->bit;
	if (unlikely(!__atomic_compare_exchange_n(&lk->cpu, &nobody, cpu_this(),
						  false, __ATOMIC_ACQUIRE,
						  __ATOMIC_RELAXED)))
		lock_wait(lk);
	lock_watch(lk, LOCK_TAKEN);
}

// Stores are seen in order on x86 (SDM vol. 3, 8.2.2); the compiler must keep
// that order too.
LOCK_FN void
release(struct spinlock *lk)
{
	if (unlikely(!holding(lk)))
		lock_not_held(lk);
	this_cpu->held ^= lk->bit; // it is set
	__atomic_store_n(&lk->cpu, NULL, __ATOMIC_RELEASE);
	lock_watch(lk, LOCK_RELEASED);
	cpu_irq_on();
}

LOCK_FN void
assert_may_sleep(const char *who)
{
	// One read: a thread that is moved meanwhile held none before or after.
	uint32_t held = this_cpu->held;

	if (held)
		lock_sleeper(who, held);
}
#endif
