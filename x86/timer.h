// Time from the hardware: the ticker of every CPU and short delays.
#pragma once
#include "lib/types.h"

// Measures the local APIC's timer and the TSC by the PIT. Once, on the first
// CPU, with interrupts off, after irq_init.
void timer_calibrate(void);

// From here on fn(NULL) is called hz times a second on this CPU, with
// interrupts off: at T_LTIMER of the local APIC, or without one at IRQ_TIMER of
// the PIT.
void timer_start(uint hz, void (*fn)(void *));

// Waits at least us microseconds, in a loop. Works before timer_calibrate too.
void timer_udelay(uint us);

// Nanoseconds since timer_calibrate, which never go back on one CPU. Without a
// TSC they are counted in ticks.
uint64_t timer_ns(void);

// The second of the battery-backed clock, in its own coding. It follows the
// time outside, even in a simulator that derives all other clocks from a count
// of instructions. For time limits on devices.
uint8_t timer_wall_second(void);
