// Time. There are three clocks. Only the first has a known rate, 1,193,182 Hz:
//
//	PIT         measures the others, by channel 2, which raises no interrupt
//	TSC         for timer_ns and delays, because it is cheap to read
//	APIC timer  the ticker of each CPU; without it, PIT channel 0 on IRQ 0
//
// Invariant: a clock whose rate is 0 is not there, or not yet measured, and is
// not used.
#include "x86/timer.h"
#include "lib/assert.h"
#include "lib/fmt.h"
#include "x86/cpu.h"
#include "x86/irq.h"
#include "x86/lapic.h"

#define PIT_HZ    1193182
#define PIT_CH0   0x40
#define PIT_CH2   0x42
#define PIT_MODE  0x43
#define CH0_RATE  0x34 // channel 0, both bytes, mode 2: a pulse each period
#define CH2_ONCE  0xB0 // channel 2, both bytes, mode 0: counts down once
#define CH2_LATCH 0x80
#define PORT_B    0x61 // bit 0: channel 2 counts, 1: speaker, 5: its output
#define PIT_FULL  0xFFFF

#define WINDOW (PIT_HZ / 333) // 3 ms, measured ROUNDS times
#define ROUNDS 3
#define NS_SHIFT 24

static uint32_t tsc_khz;     // [I]
static uint32_t apic_hz;     // [I] after its divider
static uint32_t ns_mult;     // [I] ns of a TSC cycle, times 2^NS_SHIFT
static uint64_t tsc_start;   // [I] the TSC at timer_calibrate
static uint32_t tick_ns;     // [I] ns from tick to tick
static volatile uint32_t ticks; // counted by the first CPU
static void (*tick_fn)(void *); // [I]

// ---- The PIT ---------------------------------------------------------------

static void
pit_start(void)
{
	outb(PORT_B, (inb(PORT_B) & ~2) | 1);
	outb(PIT_MODE, CH2_ONCE);
	outb(PIT_CH2, PIT_FULL & 0xFF);
	outb(PIT_CH2, PIT_FULL >> 8);
}

// Counts since pit_start, or PIT_FULL if the counter has run out.
static uint32_t
pit_elapsed(void)
{
	uint32_t left;

	outb(PIT_MODE, CH2_LATCH);
	left = inb(PIT_CH2);
	left |= inb(PIT_CH2) << 8;
	return inb(PORT_B) & 0x20 ? PIT_FULL : PIT_FULL - left;
}

// A poll takes about a microsecond on real hardware. The bound ends the loop if
// the counter stands still.
static void
pit_wait(uint32_t counts)
{
	pit_start();
	for (int i = 0; i < 1000000 && pit_elapsed() < counts; i++)
		;
}

// ---- Measuring -------------------------------------------------------------

struct rates {
	uint32_t tsc_khz, apic_hz;
};

// Measures once. The PIT tells how long it really took, so that it does no harm
// if an emulator's host stops this CPU meanwhile, except between two reads that
// belong together. False if the PIT ran out.
static bool
measure(struct rates *r)
{
	uint32_t pit, apic = 0;
	uint64_t tsc = 0;

	if (lapic_present())
		lapic_timer_once(0xFFFFFFFF);
	pit_start();
	if (cpu_has.tsc)
		tsc = rdtsc();
	if (lapic_present())
		apic = lapic_timer_left();
	for (int i = 0; i < 1000000 && pit_elapsed() < WINDOW; i++)
		;
	pit = pit_elapsed();
	if (cpu_has.tsc)
		tsc = rdtsc() - tsc;
	if (lapic_present())
		apic -= lapic_timer_left();
	if (pit < WINDOW || pit >= PIT_FULL)
		return false;
	r->tsc_khz = div_u64(tsc * PIT_HZ, pit * 1000, NULL);
	r->apic_hz = div_u64((uint64_t)apic * PIT_HZ, pit, NULL);
	return true;
}

static uint32_t
median(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t low = a < b ? a : b, high = a < b ? b : a;

	return c < low ? low : c > high ? high : c;
}

// The median drops a round in which the host stopped this CPU at the wrong
// place. If no round works there is no PIT. Then both rates stay 0, and no
// clock is used.
void
timer_calibrate(void)
{
	struct rates r[ROUNDS];
	int good = 0;

	for (int tries = 0; good < ROUNDS && tries < 2 * ROUNDS; tries++)
		good += measure(&r[good]);
	if (lapic_present())
		lapic_timer_once(0);
	if (good < ROUNDS)
		return;
	apic_hz = median(r[0].apic_hz, r[1].apic_hz, r[2].apic_hz);
	tsc_khz = median(r[0].tsc_khz, r[1].tsc_khz, r[2].tsc_khz);
	// Below 4 MHz the factor would not fit in 32 bits.
	if (tsc_khz < 4000)
		tsc_khz = 0;
	if (tsc_khz != 0) {
		ns_mult = div_u64(1000000ull << NS_SHIFT, tsc_khz, NULL);
		tsc_start = rdtsc();
	}
}

// ---- Ticks -----------------------------------------------------------------

static void
timer_tick(void *arg)
{
	if (cpu_this()->index == 0)
		ticks++;
	tick_fn(NULL);
}

// Channel 0 interrupts the first CPU only. A machine with more CPUs has local
// APICs.
static void
pit_ticker(uint hz)
{
	uint32_t count = PIT_HZ / hz;
	int err = irq_register(IRQ_TIMER, timer_tick, NULL);

	assert(!err);
	outb(PIT_MODE, CH0_RATE);
	outb(PIT_CH0, count & 0xFF);
	outb(PIT_CH0, count >> 8);
}

void
timer_start(uint hz, void (*fn)(void *))
{
	assert(hz >= 20 && hz <= 10000);
	tick_fn = fn;
	tick_ns = 1000000000 / hz;
	if (apic_hz >= hz) {
		irq_register_vector(T_LTIMER, timer_tick, NULL);
		lapic_timer_periodic(apic_hz / hz);
	} else if (cpu_this()->index == 0) {
		pit_ticker(hz);
	}
}

// ---- Reading and waiting ---------------------------------------------------

void
timer_udelay(uint us)
{
	uint64_t start, cycles;

	if (tsc_khz != 0) {
		start = rdtsc();
		cycles = div_u64((uint64_t)us * tsc_khz, 1000, NULL) + 1;
		while (rdtsc() - start < cycles)
			cpu_pause();
		return;
	}
	// The counter runs out after 54 ms.
	for (; us > 40000; us -= 40000)
		pit_wait(40000 * 1194ull / 1000);
	pit_wait(us * 1194 / 1000 + 2);
}

// Multiplies 64 by 32 bits in two halves, because the product has 96 bits.
uint64_t
timer_ns(void)
{
	uint64_t t;

	if (tsc_khz == 0)
		return (uint64_t)ticks * tick_ns;
	t = rdtsc();
	if (t < tsc_start)
		return 0; // this CPU's counter is a little behind
	t -= tsc_start;
	return (((t >> 32) * ns_mult) << (32 - NS_SHIFT)) +
	       (((t & 0xFFFFFFFF) * ns_mult) >> NS_SHIFT);
}

// CMOS register 0; bit 7 of the index port would mask NMIs.
uint8_t
timer_wall_second(void)
{
	outb(0x70, 0);
	return inb(0x71);
}
