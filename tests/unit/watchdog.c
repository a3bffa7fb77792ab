// Unit tests of the watchdog (kern/watchdog.h): each makes a mistake that it
// has to report. test_unit.py looks for the names in the reports.
#include "kern/watchdog.h"
#include "kern/clock.h"
#include "kern/kthread.h"
#include "kern/lock.h"
#include "kern/mutex.h"
#include "kern/sched.h"
#include "kern/unit.h"
#include "kern/wait.h"
#include "x86/timer.h"

#define MS 1000 // microseconds

static struct spinlock lock = SPINLOCK("wd-lock", RANK_PIPE);
static struct waitq queue = WAITQ(queue, "wd-queue");
static volatile bool condition, awake;

// Sleeps, and returns how many waits were reported meanwhile.
static uint
reports_in(uint ticks)
{
	uint before = watchdog_reports.waits;

	UNIT_CHECK(clock_sleep(ticks) == 0);
	return watchdog_reports.waits - before;
}

static void
wait_for_condition(void)
{
	for (;;) {
		acquire(&lock);
		while (!condition)
			wait_on(&queue, &lock);
		condition = false;
		release(&lock);
		awake = true;
	}
}

// Catches: a report of a thread that has slept long, and was right to; and a
// wakeup that was forgotten and is not reported.
UNIT(watchdog_lost_wakeup)
{
	UNIT_CHECK(kthread_start("wd-sleeper", wait_for_condition) == 0);
	UNIT_CHECK(reports_in(250) == 0);
	UNIT_CHECK(!awake);
	acquire(&lock);
	condition = true;
	wake_one(&queue);
	release(&lock);
	UNIT_CHECK(reports_in(2) == 0);
	UNIT_CHECK(awake);
	awake = false;
	acquire(&lock);
	condition = true; // and no wakeup
	release(&lock);
	UNIT_CHECK(reports_in(250) == 1);
	UNIT_CHECK(awake);
}

// Catches: a mutex whose waiter is woken for no reason takes it nevertheless,
// or waits for ever.
static struct mutex mutex;
static volatile bool taken;

static void
take_mutex(void)
{
	mutex_lock(&mutex);
	taken = true;
	mutex_unlock(&mutex);
	for (;;)
		UNIT_CHECK(clock_sleep(1000) == 0);
}

UNIT(watchdog_wakes_for_a_mutex)
{
	mutex_init(&mutex, "wd-mutex", RANK_INODE);
	mutex_lock(&mutex);
	UNIT_CHECK(kthread_start("wd-taker", take_mutex) == 0);
	UNIT_CHECK(reports_in(250) == 0);
	UNIT_CHECK(!taken);
	mutex_unlock(&mutex);
	UNIT_CHECK(reports_in(2) == 0);
	UNIT_CHECK(taken);
}

// Catches: a spinlock that is held for long is not reported.
UNIT(watchdog_long_lock)
{
	uint before = watchdog_reports.locks;

	acquire(&lock);
	timer_udelay(WATCHDOG_LOCK_MS * MS + 30 * MS);
	release(&lock);
	UNIT_CHECK(watchdog_reports.locks > before);
}

// Catches: interrupts that were off for long are not reported.
UNIT(watchdog_interrupts_off)
{
	uint before = watchdog_reports.interrupts;

	cpu_irq_off();
	timer_udelay(3 * WATCHDOG_IRQ_MS * MS);
	cpu_irq_on();
	UNIT_CHECK(watchdog_reports.interrupts > before);
}

// Catches: a lock that is held for long is not reported while others wait.
static volatile int stage;

static void
hold_long(void)
{
	acquire(&lock);
	stage = 1;
	timer_udelay(2 * WATCHDOG_LOCK_MS * MS);
	release(&lock);
	for (;;)
		UNIT_CHECK(clock_sleep(1000) == 0);
}

UNIT(watchdog_reports_to_waiters)
{
	uint before = watchdog_reports.locks;

	if (ncpu == 1)
		return; // nobody can wait
	UNIT_CHECK(kthread_start("wd-holder", hold_long) == 0);
	while (stage == 0)
		thread_yield();
	acquire(&lock);
	release(&lock);
	UNIT_CHECK(watchdog_reports.locks > before);
}
