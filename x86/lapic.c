// The local APIC. Its registers are in memory, at one physical address where
// each CPU sees its own APIC. They have 32 bits and are 16 bytes apart (SDM
// vol. 3, table 10-1).
//
// A command is two writes, the destination first:
//
//	ICR_HIGH  31..24 APIC id of the CPU that gets it
//	ICR_LOW   15 level-triggered, 14 assert, 12 busy, 10..8 what:
//	          0 an interrupt, 4 NMI, 5 INIT, 6 STARTUP; 7..0 vector or page
//
// An entry of the local vector table (timer, LINT0, LINT1, error) has its
// vector in bits 7..0, and in bits 10..8 what it raises, as above. Bit 16 masks
// it.
#include "x86/lapic.h"
#include "x86/cpu.h"
#include "x86/vectors.h"

enum reg {
	REG_VERSION = 0x030,
	REG_TPR = 0x080,     // interrupts below this priority wait
	REG_EOI = 0x0B0,
	REG_SPURIOUS = 0x0F0,
	REG_ISR = 0x100,     // vectors in service: 8 registers of 32 bits
	REG_ERROR = 0x280,
	REG_ICR_LOW = 0x300, // a write here sends
	REG_ICR_HIGH = 0x310,
	REG_TIMER = 0x320,
	REG_PERF = 0x340,
	REG_LINT0 = 0x350,
	REG_LINT1 = 0x360,
	REG_LERROR = 0x370,
	REG_INITIAL = 0x380, // a write here starts the timer
	REG_CURRENT = 0x390,
	REG_DIVIDE = 0x3E0,
};

#define SPURIOUS_ON  0x100
#define LVT_MASKED   0x10000
#define LVT_NMI      0x400
#define LVT_PERIODIC 0x20000
#define ICR_BUSY     0x1000
#define DIVIDE_BY_16 0x3

static volatile uint8_t *regs; // [I] NULL: there is no local APIC
static volatile uint errors;

static uint32_t
lapic_read(enum reg r)
{
	return *(volatile uint32_t *)(regs + r);
}

static void
lapic_write(enum reg r, uint32_t v)
{
	*(volatile uint32_t *)(regs + r) = v;
}

void
lapic_init(paddr_t pa)
{
	regs = (volatile uint8_t *)(vaddr_t)pa;
}

bool
lapic_present(void)
{
	return regs;
}

// The BIOS connects the 8259 through LINT0 and the NMI button through LINT1.
// The 8259 is not used. Only the first CPU gets the button's NMI, so that there
// is one report and not one for each CPU. The error register needs two writes:
// the first makes it show the errors, the second clears it (10.5.3).
void
lapic_init_cpu(void)
{
	bool first = cpu_this()->index == 0;

	lapic_write(REG_SPURIOUS, SPURIOUS_ON | T_SPURIOUS);
	lapic_write(REG_TIMER, LVT_MASKED | T_LTIMER);
	lapic_write(REG_LINT0, LVT_MASKED);
	lapic_write(REG_LINT1, first ? LVT_NMI : LVT_MASKED);
	if ((lapic_read(REG_VERSION) >> 16 & 0xFF) >= 4)
		lapic_write(REG_PERF, LVT_MASKED);
	lapic_write(REG_LERROR, T_LERROR);
	lapic_write(REG_ERROR, 0);
	lapic_write(REG_ERROR, 0);
	lapic_eoi();
	lapic_write(REG_TPR, 0);
}

void
lapic_eoi(void)
{
	lapic_write(REG_EOI, 0);
}

bool
lapic_in_service(int vector)
{
	return lapic_read(REG_ISR + vector / 32 * 16) >> vector % 32 & 1;
}

void
lapic_error(void *arg)
{
	errors++;
	lapic_write(REG_ERROR, 0);
	lapic_write(REG_ERROR, 0);
}

uint
lapic_errors(void)
{
	return errors;
}

// First waits, but not for ever, until the last command has left: an older APIC
// loses a command that is written too early. Interrupts are off, because a
// handler that sends between the two writes would change our destination.
void
lapic_send(uint apic_id, uint32_t command)
{
	cpu_irq_off();
	for (int i = 0; i < 100000 && lapic_read(REG_ICR_LOW) & ICR_BUSY; i++)
		cpu_pause();
	lapic_write(REG_ICR_HIGH, apic_id << 24);
	lapic_write(REG_ICR_LOW, command);
	cpu_irq_on();
}

void
lapic_timer_periodic(uint32_t count)
{
	lapic_write(REG_DIVIDE, DIVIDE_BY_16);
	lapic_write(REG_TIMER, LVT_PERIODIC | T_LTIMER);
	lapic_write(REG_INITIAL, count);
}

void
lapic_timer_once(uint32_t count)
{
	lapic_write(REG_DIVIDE, DIVIDE_BY_16);
	lapic_write(REG_TIMER, LVT_MASKED | T_LTIMER);
	lapic_write(REG_INITIAL, count);
}

uint32_t
lapic_timer_left(void)
{
	return lapic_read(REG_CURRENT);
}
