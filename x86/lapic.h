// The local APIC: each CPU's own interrupt controller and timer (SDM vol. 3,
// 10).
#pragma once
#include "lib/types.h"

// Commands for lapic_send. The low byte of STARTUP is a page number, the low
// byte of an IPI its vector.
#define LAPIC_NMI      0x4400
#define LAPIC_INIT     0xC500
#define LAPIC_INIT_END 0x8500
#define LAPIC_STARTUP  0x4600
#define LAPIC_IPI      0x4000

// Uses the local APICs, whose registers are at pa on every CPU. Once, if there
// are any.
void lapic_init(paddr_t pa);
// Was lapic_init called?
bool lapic_present(void);
// Switches this CPU's local APIC on. No interrupt is in service, the timer is
// masked, errors are reported.
void lapic_init_cpu(void);

// Acknowledges the interrupt that is in service.
void lapic_eoi(void);
// Is `vector` in service on this CPU: raised, and not yet acknowledged?
bool lapic_in_service(int vector);
// Handler of T_LERROR: clears the errors and counts the interrupt.
void lapic_error(void *arg);
uint lapic_errors(void);

// Sends a command to the CPU whose APIC id is given. Any context.
void lapic_send(uint apic_id, uint32_t command);

// The timer counts down from `count` at a rate that x86/timer.c measures. At 0
// it raises T_LTIMER and begins again. lapic_timer_once counts once and raises
// nothing. lapic_timer_left returns the present count.
void lapic_timer_periodic(uint32_t count);
void lapic_timer_once(uint32_t count);
uint32_t lapic_timer_left(void);
