// The local APIC: each CPU's own interrupt controller and timer (SDM vol. 3,
// 10).
#pragma once
#include "lib/types.h"

// Commands for lapic_send; STARTUP carries a page number in its low byte, an
// IPI is a vector alone.
#define LAPIC_NMI      0x4400
#define LAPIC_INIT     0xC500
#define LAPIC_INIT_END 0x8500
#define LAPIC_STARTUP  0x4600
#define LAPIC_IPI      0x4000

// Its registers are at pa on every CPU. Called once, if there are any.
void lapic_init(paddr_t pa);
// Was lapic_init called?
bool lapic_present(void);
// Switches this CPU's on: nothing pending, timer masked, errors reported.
void lapic_init_cpu(void);

// The interrupt in service is done.
void lapic_eoi(void);
// Is `vector` in service on this CPU?
bool lapic_in_service(int vector);
// Acknowledges the errors that raised T_LERROR; counts them.
void lapic_error(void *arg);
uint lapic_errors(void);

// Sends a command to the CPU whose APIC id is given. Any context.
void lapic_send(uint apic_id, uint32_t command);

// The timer counts down from `count` at a rate that x86/timer.c measures. It
// raises T_LTIMER at each 0 and begins anew; lapic_timer_once raises nothing.
void lapic_timer_periodic(uint32_t count);
void lapic_timer_once(uint32_t count);
uint32_t lapic_timer_left(void);
