// Two 8259 interrupt controllers; the second one hangs at line 2 of the first.
// Lines are edge triggered, as on the ISA bus. Fully nested: a line keeps the
// lines above its number out until its EOI.
#include "user/machine/machine.h"

#define FIRST  0x20
#define SECOND 0xA0
#define CASCADE 2

static struct pic {
	unsigned char request, service, mask; // a bit for each line
	unsigned char lines;                  // as they are now
	unsigned char vector;                 // of line 0
	int step;        // of its initialisation: the next of ICW2, 3, 4
	bool read_isr;   // a read of the command port gives `service`
} pics[2] = { { .mask = 0xFF }, { .mask = 0xFF } };

// The line with the highest priority that may interrupt, or -1.
static int
best(const struct pic *p)
{
	unsigned int ready = p->request & ~p->mask;

	for (int i = 0; i < 8; i++) {
		if (p->service & 1 << i)
			return -1;
		if (ready & 1 << i)
			return i;
	}
	return -1;
}

static void
set_line(struct pic *p, int line, bool high)
{
	unsigned char bit = 1 << line;

	if (high && !(p->lines & bit))
		p->request |= bit;
	if (!high)
		p->request &= ~bit;
	p->lines = high ? p->lines | bit : p->lines & ~bit;
}

static void
cascade(void)
{
	set_line(&pics[0], CASCADE, best(&pics[1]) >= 0);
}

void
pic_line(int line, bool high)
{
	set_line(&pics[line / 8], line % 8, high);
	cascade();
}

bool
pic_waiting(void)
{
	return best(&pics[0]) >= 0;
}

bool
pic_pending(int line)
{
	return pics[line / 8].request & 1 << line % 8;
}

static int
acknowledge(struct pic *p)
{
	int line = best(p);

	if (line < 0)
		line = 7; // it has gone: spurious, not in service
	else
		p->service |= 1 << line;
	p->request &= ~(1 << line);
	return line;
}

int
pic_acknowledge(void)
{
	int line = acknowledge(&pics[0]);
	int vector = pics[0].vector + line;

	if (line == CASCADE)
		vector = pics[1].vector + acknowledge(&pics[1]);
	cascade();
	return vector;
}

unsigned int
pic_read(unsigned int port)
{
	const struct pic *p = &pics[port >= SECOND];

	if (port & 1)
		return p->mask;
	return p->read_isr ? p->service : p->request;
}

// OCW2 with EOI: of a line, or of the one in service with the best priority.
static void
end_of_interrupt(struct pic *p, unsigned int value)
{
	if (value & 0x40)
		p->service &= ~(1 << (value & 7));
	else
		p->service &= p->service - 1;
}

static void
command(struct pic *p, unsigned int value)
{
	if (value & 0x10) { // ICW1
		*p = (struct pic){ .step = 1, .lines = p->lines };
	} else if (value & 0x08) { // OCW3
		if (value & 2)
			p->read_isr = value & 1;
	} else if (value & 0x20) { // OCW2
		end_of_interrupt(p, value);
	}
}

// The second word gives the vectors; the third and the fourth say what this
// machine is anyway.
static void
data(struct pic *p, unsigned int value)
{
	if (p->step == 0)
		p->mask = value;
	else if (p->step == 1)
		p->vector = value & 0xF8;
	if (p->step > 0)
		p->step = (p->step + 1) % 4;
}

void
pic_write(unsigned int port, unsigned int value)
{
	struct pic *p = &pics[port >= SECOND];

	if (port & 1)
		data(p, value);
	else
		command(p, value);
	cascade();
}
