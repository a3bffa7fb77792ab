// The clock. Every CPU has a ticker, for its threads' time slices. The ticker
// of the first CPU also counts, calls the hooks and ends timed sleeps.
#include "kern/clock.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "lib/assert.h"
#include "kern/sched.h"
#include "kern/timeout.h"
#include "kern/wait.h"
#include "kern/watchdog.h"
#include "x86/cpu.h"
#include "x86/timer.h"

static volatile uint32_t ticks_low, ticks_high; // written by the first CPU
static struct waitq sleepers = WAITQ(sleepers, "sleep");
static void (*hooks[4])(void);
static uint nhooks;

// Two words cannot be read at once. If the high word has changed, the low word
// may belong to either value.
uint64_t
clock_ticks(void)
{
	uint32_t high, low;

	do {
		high = ticks_high;
		low = ticks_low;
	} while (high != ticks_high);
	return (uint64_t)high << 32 | low;
}

static void
clock_tick(void *arg)
{
	if (cpu_this()->index == 0) {
		// High word first: a reader between the two stores sees a time
		// too late, once in 497 days, but never a time that is past.
		if (ticks_low == UINT32_MAX)
			ticks_high++;
		ticks_low++;
		for (uint i = 0; i < nhooks; i++)
			hooks[i]();
		timeout_tick(clock_ticks());
		watchdog_tick(clock_ticks());
	}
	sched_tick();
}

void
clock_start(void)
{
	watchdog_init();
	timer_start(HZ, clock_tick);
}

void
clock_register(void (*fn)(void))
{
	assert(nhooks < countof(hooks));
	hooks[nhooks++] = fn;
}

int
clock_sleep(uint n)
{
	int err;

	if (n == 0)
		return 0;
	err = wait_until(&sleepers, NULL, clock_ticks() + n);
	return err == -ETIMEDOUT ? 0 : err;
}
