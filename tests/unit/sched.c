// Unit tests of threads, wait queues, mutexes and the clock. Helper threads do
// their part and sleep for ever: the machine ends with the tests.
#include "abi/errno.h"
#include "kern/clock.h"
#include "kern/kthread.h"
#include "kern/mutex.h"
#include "kern/sched.h"
#include "kern/unit.h"
#include "kern/wait.h"
#include "x86/cpu.h"
#include "x86/timer.h"

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

// Catches: a wakeup that is given to a thread that a kill has woken already, so
// that the other sleeper sleeps for ever.
static struct waitq pair = WAITQ(pair, "pair");
static struct thread *sleeper[2];
static volatile int nsleepers, pair_result[2];

static void
sleep_in_pair(void)
{
	int me;

	acquire(&lock);
	me = nsleepers++;
	sleeper[me] = thread_this();
	pair_result[me] = wait_killable(&pair, &lock);
	release(&lock);
	part_done();
}

UNIT(wakeup_passes_over_the_killed)
{
	for (int i = 0; i < 2; i++)
		UNIT_CHECK(kthread_start("pair", sleep_in_pair) == 0);
	while (nsleepers < 2 || sleeper[0]->state != THREAD_SLEEPING ||
	       sleeper[1]->state != THREAD_SLEEPING)
		thread_yield();
	acquire(&lock);
	thread_kill(sleeper[0]); // it cannot leave the queue before the release
	wake_one(&pair);
	release(&lock);
	wait_for_parts(2);
	UNIT_CHECK(pair_result[0] == -EINTR);
	UNIT_CHECK(pair_result[1] == 0);
	UNIT_CHECK(list_empty(&pair.sleepers));
}

// Catches: a thread whose wakeup and deadline come together is made ready
// twice, or stays in the queue or in the wheel.
static struct waitq race = WAITQ(race, "race");
static volatile int race_rounds;

static void
wake_racer(void)
{
	for (;;) {
		acquire(&lock);
		wake_all(&race);
		if (race_rounds < 0)
			break;
		release(&lock);
		thread_yield();
	}
	release(&lock);
	part_done();
}

UNIT(wakeup_and_deadline_together)
{
	int woken = 0, late = 0, err;

	UNIT_CHECK(kthread_start("racer", wake_racer) == 0);
	for (race_rounds = 0; race_rounds < 100; race_rounds++) {
		acquire(&lock);
		err = wait_until(&race, &lock, clock_ticks() + 1);
		release(&lock);
		woken += !err;
		late += err == -ETIMEDOUT;
	}
	UNIT_CHECK(woken + late == 100);
	UNIT_CHECK(list_empty(&thread_this()->timer));
	UNIT_CHECK(list_empty(&race.sleepers));
	race_rounds = -1;
	wait_for_parts(1);
}

// Catches: a wakeup that comes while the thread is about to sleep, and is lost.
// The other thread waits for the lock that the sleeper releases, so that it
// gets in at the first moment.
static volatile int asked, given;
static struct waitq about = WAITQ(about, "about");

static void
give_at_once(void)
{
	for (int i = 1; i <= 2000; i++) {
		while (asked != i)
			thread_yield();
		acquire(&lock);
		given = i;
		wake_one(&about);
		release(&lock);
	}
	part_done();
}

UNIT(wakeup_meets_a_thread_about_to_sleep)
{
	UNIT_CHECK(kthread_start("giver", give_at_once) == 0);
	for (int i = 1; i <= 2000; i++) {
		acquire(&lock);
		asked = i;
		while (given != i)
			wait_on(&about, &lock);
		release(&lock);
	}
	wait_for_parts(1);
	UNIT_CHECK(given == 2000);
}

// Catches: a deadline that is more than 256 ticks away ends a round of the
// wheel too early.
UNIT(sleep_of_more_than_a_round)
{
	uint64_t start = clock_ticks();

	UNIT_CHECK(clock_sleep(260) == 0);
	UNIT_CHECK(clock_ticks() - start >= 260);
}

// Catches: a ready thread waits behind a busy one while another CPU is idle.
static volatile int ran_on = -1;

static void
run_anywhere(void)
{
	ran_on = cpu_this()->index;
	part_done();
}

UNIT(idle_cpus_steal)
{
	uint64_t start = timer_ns();
	int here;

	if (ncpu == 1)
		return;
	cpu_irq_off(); // no tick moves this thread, or lets the other run here
	here = cpu_this()->index;
	UNIT_CHECK(kthread_start("any", run_anywhere) == 0);
	while (ran_on < 0 && timer_ns() - start < 20000000000)
		cpu_pause();
	UNIT_CHECK(ran_on >= 0 && ran_on != here);
	cpu_irq_on();
	wait_for_parts(1);
}

// Catches: a thread that yields runs again before another one of its CPU has
// had its turn.
static char turns_taken[3 * 20 + 1];
static volatile int nturns, nyielders;

static void
take_turns(void)
{
	int me = nyielders++;

	while (nyielders < 3)
		thread_yield();
	for (int i = 0; i < 20; i++) {
		turns_taken[nturns++] = '0' + me;
		thread_yield();
	}
	part_done();
}

UNIT(yield_takes_turns)
{
	if (ncpu > 1)
		return; // each has a CPU, and no turns
	for (int i = 0; i < 3; i++)
		UNIT_CHECK(kthread_start("turns", take_turns) == 0);
	wait_for_parts(3);
	for (int i = 3; i < 3 * 20; i++)
		UNIT_CHECK(turns_taken[i] == turns_taken[i - 3]);
}
