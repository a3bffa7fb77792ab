// The watchdog of kernels that are built with DEBUG=1.
//
// How does it find a thread that waits although its condition holds? It does
// not know conditions. But each sleep stands in a loop that looks at one, with
// the queue's lock held:
//
//	acquire(&lk);
//	while (!condition)
//		wait_on(&q, &lk);
//	...
//	release(&lk);
//
// So the watchdog wakes a thread that has slept for long, for no reason. If the
// condition does not hold, the thread comes back to wait_on. If it releases lk
// first, then the condition held, and whoever made it hold forgot to wake the
// thread, unless a wakeup has come meanwhile.
//
// Of one rank a CPU holds at most one lock. So a lock's time is kept by CPU and
// rank.
#include "kern/watchdog.h"

#ifdef DEBUG
#include "kern/lock.h"
#include "kern/panic.h"
#include "kern/sched.h"
#include "x86/cpu.h"
#include "x86/timer.h"

#define POKE_TICKS 100 // a thread that has slept for so long is woken

// Of each CPU. Letters: [o] this CPU only, [a] other CPUs read it.
static struct watch {
	volatile uint32_t held_since[RANK_COUNT]; // [a] now(), or 0
	volatile bool told[RANK_COUNT]; // [a] a waiter has reported the lock
	uint32_t irq_off_since;         // [o] now(), or 0
	// The lock that a thread holds since it was woken for no reason, and
	// the queue where it slept.
	const struct spinlock *woken_with; // [o]
	const char *woken_from;            // [o]
} watches[NCPU];

static uint64_t this_tick; // [s] by sleepers_lock
static struct spinlock sleepers_lock = SPINLOCK("watchdog", RANK_TIMEOUT);
static struct list asleep = LIST_INIT(asleep); // by sleeper->link

struct watchdog_reports watchdog_reports;

// Never 0.
static uint32_t
now(void)
{
	return (uint32_t)(timer_ns() >> 20) | 1;
}

static struct watch *
watch_this(void)
{
	return &watches[this_cpu->index];
}

// ---- Spinlocks --------------------------------------------------------------

static void
note_taken(const struct spinlock *lk, struct watch *w)
{
	int rank = __builtin_ctz(lk->bit);

	w->told[rank] = false;
	w->held_since[rank] = now();
}

static void
check_held(const struct spinlock *lk, struct watch *w, vaddr_t until)
{
	int rank = __builtin_ctz(lk->bit);
	uint32_t since = w->held_since[rank];
	char where[64];

	w->held_since[rank] = 0;
	if (!since || now() - since < WATCHDOG_LOCK_MS || w->told[rank] ||
	    rank == RANK_CONSOLE)
		return;
	watchdog_reports.locks++;
	printk("watchdog: spinlock %s was held for %u ms, until %s\n", lk->name,
	       now() - since, symbol(until, where, sizeof(where)));
}

static void
check_woken(const struct spinlock *lk, struct watch *w)
{
	if (w->woken_with != lk)
		return;
	w->woken_with = NULL;
	watchdog_reports.waits++;
	printk("watchdog: %s waited for %s, although it had no need to\n",
	       thread_this()->name, w->woken_from);
}

// The console's lock is not reported: the report would wait for it, too.
static void
check_holder(const struct spinlock *lk)
{
	int rank = __builtin_ctz(lk->bit);
	const struct cpu *holder = lk->cpu;
	struct watch *w;
	uint32_t since;

	if (!holder || rank == RANK_CONSOLE)
		return;
	w = &watches[holder->index];
	since = w->held_since[rank];
	if (!since || w->told[rank] || now() - since < WATCHDOG_LOCK_MS)
		return;
	w->told[rank] = true;
	watchdog_reports.locks++;
	printk("watchdog: spinlock %s has been held for %u ms by CPU %d, "
	       "thread %s\n",
	       lk->name, now() - since, holder->index,
	       holder->thread ? holder->thread->name : "-");
}

static void
watch_lock(const struct spinlock *lk, enum lock_event event)
{
	vaddr_t caller = (vaddr_t)__builtin_return_address(0);
	struct watch *w = watch_this();

	if (panicked)
		return;
	if (event == LOCK_TAKEN)
		note_taken(lk, w);
	if (event == LOCK_SPINS)
		check_holder(lk);
	if (event == LOCK_RELEASED) {
		check_held(lk, w, caller);
		check_woken(lk, w);
	}
}

// ---- Interrupts -------------------------------------------------------------

// Is this the first report of the place? Two CPUs may both be first.
static bool
is_new_place(vaddr_t place)
{
	static volatile vaddr_t places[64];

	for (uint i = 0; i < countof(places); i++) {
		if (places[i] == place)
			return false;
		if (places[i] == 0) {
			places[i] = place;
			return true;
		}
	}
	return false;
}

static void
watch_irq(bool off)
{
	struct watch *w = watch_this();
	uint32_t since = w->irq_off_since;
	vaddr_t until = (vaddr_t)__builtin_return_address(0);
	char where[64];

	w->irq_off_since = off ? now() : 0;
	if (off || !since || now() - since < WATCHDOG_IRQ_MS || panicked ||
	    !is_new_place(until))
		return;
	watchdog_reports.interrupts++;
	printk("watchdog: interrupts were off for %u ms on CPU %d, until %s\n",
	       now() - since, this_cpu->index,
	       symbol(until, where, sizeof(where)));
}

void
watchdog_init(void)
{
	lock_watch = watch_lock;
	cpu_irq_watch = watch_irq;
}

// ---- Sleeping threads -------------------------------------------------------

void
watchdog_sleeps(struct sleeper *s, const struct spinlock *lk)
{
	if (watch_this()->woken_with == lk)
		watch_this()->woken_with = NULL; // there was a need to
	acquire(&sleepers_lock);
	*s = (struct sleeper){ .thread = thread_this(), .since = this_tick };
	list_append(&asleep, &s->link);
	release(&sleepers_lock);
}

// A wakeup takes the thread out of the queue; the watchdog leaves it there.
void
watchdog_wakes(struct sleeper *s, const struct spinlock *lk, const char *queue)
{
	acquire(&sleepers_lock);
	list_remove(&s->link);
	release(&sleepers_lock);
	if (!s->poked || list_empty(&s->thread->wait_link))
		return;
	watch_this()->woken_with = lk;
	watch_this()->woken_from = queue;
}

// A thread that is not quite asleep yet is woken at a later tick.
void
watchdog_tick(uint64_t tick)
{
	acquire(&sleepers_lock);
	this_tick = tick;
	list_for_each (s, &asleep, struct sleeper, link)
		if (!s->poked && tick - s->since >= POKE_TICKS)
			s->poked = thread_wake(s->thread, 0);
	release(&sleepers_lock);
}
#endif
