// Time from the hardware: the ticker of every CPU and short delays.
#pragma once
#include "lib/types.h"

// Measures the local APIC's timer and (where there is one) the TSC against the
// PIT. First CPU, once, interrupts off, after irq_init.
void timer_calibrate(void);

// Lets fn() be called hz times a second on this CPU, with interrupts off: by
// the local APIC timer (T_LTIMER) where there is one, else by the PIT
// (IRQ_TIMER).
void timer_start(uint hz, void (*fn)(void *));

// Waits at least us microseconds, busily. Works before timer_calibrate (PIT).
void timer_udelay(uint us);

// Nanoseconds since timer_calibrate, monotonic on one CPU; from the TSC where
// there is one, else from ticks of the PIT.
uint64_t timer_ns(void);

// The second (0..59, in the clock's own coding) of the battery-backed clock. It
// goes with the time outside, even where the machine's own clocks are stretched
// or skipped (a simulator that counts instructions): for limits on devices.
uint8_t timer_wall_second(void);
