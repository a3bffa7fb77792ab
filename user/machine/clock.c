// The host's time: the processor's cycle counter, measured against the host's
// ticks.
#include "user/machine/machine.h"

#define PIT_HZ 1193182
#define MEASURE 5 // ticks

static unsigned long long start;
static unsigned int cycles; // of a tick

static unsigned long long
rdtsc(void)
{
	unsigned int lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (unsigned long long)hi << 32 | lo;
}

static int
next_tick(void)
{
	int now = uptime();

	while (uptime() == now)
		;
	return uptime();
}

void
clock_start(void)
{
	int first = next_tick(), last;

	start = rdtsc();
	while ((last = uptime()) < first + MEASURE)
		;
	cycles = (unsigned int)(rdtsc() - start) / (last - first);
	if (cycles == 0)
		cycles = 1;
}

// In two steps, so that no product needs more than 64 bits.
unsigned long long
clock_counts(void)
{
	unsigned long long t = rdtsc() - start;
	unsigned int rest;
	unsigned long long ticks = div_u64(t, cycles, &rest);

	return div_u64(ticks * PIT_HZ, HZ, NULL) +
	       div_u64((unsigned long long)rest * (PIT_HZ / HZ), cycles, NULL);
}
