// Unit tests of threads, wait queues, mutexes and the clock. Helper threads do
// their part and sleep for ever: the machine ends with the tests.
#include "abi/errno.h"
#include "kern/clock.h"
#include "kern/kthread.h"
#include "kern/mutex.h"
#include "kern/sched.h"
#include "kern/unit.h"
#include "kern/wait.h"

static struct waitq never = WAITQ(never, "never");

// Ends a helper's part: counts it in `done`, and sleeps for ever.
static struct spinlock lock = SPINLOCK("test", RANK_PIPE);
static struct waitq finished = WAITQ(finished, "finished");
static int done;

__noreturn static void
part_done(void)
{
	acquire(&lock);
	done++;
	wake_all(&finished);
	for (;;)
		wait_on(&never, &lock);
}

static void
wait_for_parts(int n)
{
	acquire(&lock);
	while (done < n)
		wait_on(&finished, &lock);
	done = 0;
	release(&lock);
}

// Catches: two threads hold one mutex, or a waiter is forgotten.
#define ROUNDS 200
static struct mutex m;
static volatile int inside, total, overlaps;

static void
use_mutex(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		mutex_lock(&m);
		overlaps += inside++ != 0;
		total++;
		if (i % 8 == 0)
			thread_yield();
		inside--;
		mutex_unlock(&m);
	}
	part_done();
}

UNIT(mutex_excludes)
{
	mutex_init(&m, "test", RANK_INODE);
	for (int i = 0; i < 4; i++)
		UNIT_CHECK(kthread_start("mutex", use_mutex) == 0);
	wait_for_parts(4);
	UNIT_CHECK(total == 4 * ROUNDS);
	UNIT_CHECK(overlaps == 0);
	UNIT_CHECK(mutex_try(&m));
	UNIT_CHECK(!mutex_try(&m));
	mutex_unlock(&m);
}

// Catches: a wakeup is lost between the check and the sleep. Two threads hand a
// turn to each other, and one lost wakeup stops both for ever.
static volatile int turn;
static struct waitq turns = WAITQ(turns, "turn");

static void
pass(int mine, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		acquire(&lock);
		while (turn % 2 != mine)
			wait_on(&turns, &lock);
		turn++;
		wake_one(&turns);
		release(&lock);
	}
}

static void
pass_other(void)
{
	pass(1, 1000);
	part_done();
}

UNIT(no_wakeup_is_lost)
{
	UNIT_CHECK(kthread_start("pass", pass_other) == 0);
	pass(0, 1000);
	wait_for_parts(1);
	UNIT_CHECK(turn == 2000);
}

// Catches: a timed sleep ends too early, never, or in a wrong order.
UNIT(timed_sleep)
{
	struct waitq q = WAITQ(q, "test");
	uint64_t start = clock_ticks();

	UNIT_CHECK(clock_sleep(0) == 0);
	UNIT_CHECK(clock_sleep(3) == 0);
	UNIT_CHECK(clock_ticks() - start >= 3);
	acquire(&lock);
	UNIT_CHECK(wait_until(&q, &lock, clock_ticks() + 2) == -ETIMEDOUT);
	UNIT_CHECK(wait_until(&q, &lock, 0) == -ETIMEDOUT);
	release(&lock);
	UNIT_CHECK(list_empty(&q.sleepers));
}

// Catches: a kill does not end a killable sleep.
static struct thread *victim;
static volatile int victim_result = 1;

static void
be_killed(void)
{
	acquire(&lock);
	victim = thread_this();
	victim_result = wait_killable(&never, &lock);
	release(&lock);
	part_done();
}

UNIT(kill_ends_a_sleep)
{
	UNIT_CHECK(kthread_start("victim", be_killed) == 0);
	while (!victim || victim->state != THREAD_SLEEPING)
		thread_yield();
	thread_kill(victim);
	wait_for_parts(1);
	UNIT_CHECK(victim_result == -EINTR);
}

// Would catch: a killed thread that goes on waiting for a mutex, or a mutex
// that is handed to a thread that was killed while it waited.
static struct mutex busy = MUTEX(busy, "busy", RANK_INODE);
static struct thread *waiter;
static volatile int busy_result = 1;

static void
want_busy(void)
{
	waiter = thread_this();
	busy_result = mutex_lock_killable(&busy);
	part_done();
}

UNIT(kill_ends_a_wait_for_a_mutex)
{
	mutex_lock(&busy);
	UNIT_CHECK(kthread_start("wants busy", want_busy) == 0);
	while (!waiter || waiter->state != THREAD_SLEEPING)
		thread_yield();
	thread_kill(waiter);
	wait_for_parts(1);
	UNIT_CHECK(busy_result == -EINTR);
	mutex_unlock(&busy);
	UNIT_CHECK(mutex_try(&busy));
	mutex_unlock(&busy);
	UNIT_CHECK(mutex_lock_killable(&busy) == 0);
	mutex_unlock(&busy);
}
