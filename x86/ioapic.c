// The I/O APIC. It has two registers in memory: the first selects one of its
// inner registers, the second reads and writes the selected register. Each
// input has a 64-bit entry, in two inner registers:
//
//	high  31..24 APIC id of the CPU that gets the interrupt
//	low   16 masked, 15 level, 13 active low, 10..8 mode (0: send the
//	      vector to that CPU), 7..0 vector
//
// After an interrupt of a level-triggered input, the I/O APIC ignores that
// input until the CPU's local APIC reports the interrupt's end (lapic_eoi).
#include "x86/ioapic.h"
#include "abi/errno.h"
#include "x86/machine.h"

#define REG_VERSION 0x01 // bits 16..23: number of the last input
#define REG_ENTRY   0x10 // two registers for each input

#define ENTRY_LOW    0x02000 // active low
#define ENTRY_LEVEL  0x08000
#define ENTRY_MASKED 0x10000

static struct {
	volatile uint32_t *select, *data;
	uint32_t gsi, inputs;
} io;

static void
ioapic_write(uint32_t reg, uint32_t v)
{
	*io.select = reg;
	*io.data = v;
}

bool
ioapic_init(paddr_t pa, uint32_t gsi)
{
	uint32_t version;

	io.select = (volatile uint32_t *)(vaddr_t)pa;
	io.data = (volatile uint32_t *)(vaddr_t)(pa + 0x10);
	io.gsi = gsi;
	*io.select = REG_VERSION;
	version = *io.data;
	if (version == 0 || version == 0xFFFFFFFF)
		return false;
	io.inputs = (version >> 16 & 0xFF) + 1;
	for (uint32_t i = 0; i < io.inputs; i++)
		ioapic_write(REG_ENTRY + 2 * i, ENTRY_MASKED);
	return true;
}

// The half with the mask is written last, so that no interrupt comes from an
// entry that is only half written.
int
ioapic_enable(const struct isa_line *line, int vector, uint apic_id)
{
	uint32_t input = line->gsi - io.gsi;

	if (input >= io.inputs)
		return -EINVAL;
	ioapic_write(REG_ENTRY + 2 * input, ENTRY_MASKED);
	ioapic_write(REG_ENTRY + 2 * input + 1, apic_id << 24);
	ioapic_write(REG_ENTRY + 2 * input,
		     vector | (line->low ? ENTRY_LOW : 0) |
			     (line->level ? ENTRY_LEVEL : 0));
	return 0;
}
