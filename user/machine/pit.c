// An 8254 timer: channel 0 interrupts, channel 2 is read through port 61 hex.
// Both bytes of a count are always written and read, low first.
#include "user/machine/machine.h"

#define IRQ_TIMER 0
#define HZ_COUNTS 11932 // a tick of ours; no period may be much shorter

static struct channel {
	unsigned int count;        // the period, or what it counts down from
	unsigned long long start;  // when it was written
	unsigned int low;          // the low byte, until the high one comes
	bool half;                 // which byte comes next
	unsigned int latch;        // the value that is being read
	bool latched, high_next;
} ch[3];

static unsigned long long due; // when channel 0 interrupts next
static unsigned int port_b;    // bit 0: channel 2 counts

static unsigned int
elapsed(const struct channel *c)
{
	unsigned long long n = clock_counts() - c->start;

	return n > c->count ? c->count : (unsigned int)n;
}

// A guest that misses periods gets them later, one after the other, so that its
// clock stays right, but at most those of the last second.
void
pit_poll(void)
{
	unsigned long long now = clock_counts();

	if (!ch[0].count || now < due || pic_pending(IRQ_TIMER))
		return;
	pic_line(IRQ_TIMER, false);
	pic_line(IRQ_TIMER, true);
	due += ch[0].count;
	if (now > due + 100 * HZ_COUNTS)
		due = now;
}

static void
write_count(struct channel *c, unsigned int value)
{
	if (!c->half) {
		c->low = value;
		c->half = true;
		return;
	}
	c->half = false;
	c->count = value << 8 | c->low;
	if (c->count == 0)
		c->count = 0x10000;
	c->start = clock_counts();
	if (c == &ch[0])
		due = c->start + c->count;
}

static unsigned int
read_count(struct channel *c)
{
	unsigned int v;

	if (!c->latched)
		c->latch = c->count - elapsed(c);
	c->latched = true;
	v = c->high_next ? c->latch >> 8 : c->latch;
	if (c->high_next)
		c->latched = false;
	c->high_next = !c->high_next;
	return v & 0xFF;
}

static void
control(unsigned int value)
{
	struct channel *c = &ch[value >> 6 & 3];

	if (value >> 6 == 3)
		return;
	c->half = c->high_next = false;
	c->latched = (value & 0x30) == 0;
	if (c->latched)
		c->latch = c->count - elapsed(c);
	else
		c->count = 0; // until one is written
}

unsigned int
pit_read(unsigned int port)
{
	if (port == 0x61)
		return port_b | (elapsed(&ch[2]) >= ch[2].count) << 5;
	return port == 0x43 ? 0xFF : read_count(&ch[port - 0x40]);
}

void
pit_write(unsigned int port, unsigned int value)
{
	if (port == 0x61)
		port_b = value & 3;
	else if (port == 0x43)
		control(value);
	else
		write_count(&ch[port - 0x40], value);
}
