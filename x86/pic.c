// The 8259 pair: lines 0..7 at the first, 8..15 at the second, whose output is
// line 2 of the first (Intel 8259A data sheet).
//
// After the command ICW1 the data port takes three more words. Later writes
// there set the mask, in which a set bit disables its line. Each controller
// remembers which line is in service, and raises no line of the same or a lower
// priority until that line is acknowledged.
#include "x86/pic.h"
#include "x86/insn.h"
#include "x86/vectors.h"

#define FIRST   0x20 // command port; data port is one above
#define SECOND  0xA0
#define CASCADE 2

#define ICW1      0x11 // begin: edge-triggered, two controllers, ICW4 follows
#define ICW4      0x01 // 8086 mode, explicit end of interrupt
#define OCW3_ISR  0x0B // the next read shows what is in service
#define EOI       0x20

static uint16_t mask = 0xFFFF & ~(1 << CASCADE);

static void
write_mask(void)
{
	outb(FIRST + 1, mask & 0xFF);
	outb(SECOND + 1, mask >> 8);
}

// The second word is the vector of line 0. The third says where the second
// controller is connected: the first controller wants a bit, the second a
// number.
static void
program(uint16_t port, int vector, uint8_t cascade)
{
	outb(port, ICW1);
	outb(port + 1, vector);
	outb(port + 1, cascade);
	outb(port + 1, ICW4);
}

void
pic_init(void)
{
	program(FIRST, IRQ_BASE, 1 << CASCADE);
	program(SECOND, IRQ_BASE + 8, CASCADE);
	write_mask();
}

void
pic_unmask(int line)
{
	mask &= ~(1 << line);
	write_mask();
}

void
pic_eoi(int line)
{
	if (line >= 8)
		outb(SECOND, EOI);
	outb(FIRST, EOI);
}

// If the line is no longer active when the CPU asks, the controller answers
// with its last line, 7 or 15, and shows no line in service. Before a spurious
// 15 the first controller raised a real line 2, which is acknowledged here.
bool
pic_spurious(int line)
{
	uint16_t port = line < 8 ? FIRST : SECOND;

	if (line % 8 != 7)
		return false;
	outb(port, OCW3_ISR);
	if (inb(port) & 0x80)
		return false;
	if (line == 15)
		outb(FIRST, EOI);
	return true;
}
