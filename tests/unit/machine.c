// Unit tests of the machine's parts: the local APIC, and the timer.
#include "x86/machine.h"
#include "abi/limits.h"
#include "abi/traps.h"
#include "kern/clock.h"
#include "kern/unit.h"
#include "x86/irq.h"
#include "x86/lapic.h"
#include "x86/timer.h"
#include "x86/trapasm.h"

// Catches: an error interrupt of the local APIC that nobody handles (a panic),
// or that is not acknowledged: then neither the next one nor a tick comes.
UNIT(lapic_error_is_handled)
{
	uint before = lapic_errors();

	if (!lapic_present())
		return;
	for (uint i = 1; i <= 3; i++) {
		irq_send(cpu_this(), T_LERROR);
		UNIT_CHECK(clock_sleep(2) == 0);
		UNIT_CHECK(lapic_errors() == before + i);
	}
}

// Catches: a timer that is set without a measurement: its ticks come too early,
// or hardly ever. A busy host may make them late, but never early.
UNIT(ticks_are_measured)
{
	uint64_t start, ns;
	const uint n = 50;

	UNIT_CHECK(clock_sleep(1) == 0);
	start = timer_ns();
	UNIT_CHECK(clock_sleep(n) == 0);
	ns = timer_ns() - start;
	UNIT_CHECK(ns > 1000000000ull / HZ * (n - 1) * 9 / 10);
	UNIT_CHECK(ns < 1000000000ull / HZ * n * 10);
}
