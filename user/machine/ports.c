// Which device answers at which port.
#include "user/machine/machine.h"

// ---- Small devices ----------------------------------------------------------

// A keyboard controller without a keyboard: it only resets the machine.
static unsigned int
no_read(unsigned int port)
{
	return 0xFF;
}

static void
kbd_write(unsigned int port, unsigned int value)
{
	if (port == 0x64 && value == 0xFE)
		machine_reset();
}

static void
reset_write(unsigned int port, unsigned int value)
{
	if (value & 4)
		machine_reset();
}

// QEMU's power management: S5 is type 0.
static void
power_write(unsigned int port, unsigned int value)
{
	if (value & 0x2000)
		machine_off(0);
}

// QEMU's isa-debug-exit.
static void
exit_write(unsigned int port, unsigned int value)
{
	machine_off((int)(value << 1 | 1));
}

// ---- The table --------------------------------------------------------------

static const struct device {
	unsigned int first, last;
	unsigned int (*read)(unsigned int port);
	void (*write)(unsigned int port, unsigned int value);
} devices[] = {
	{ 0x20, 0x21, pic_read, pic_write },
	{ 0xA0, 0xA1, pic_read, pic_write },
	{ 0x3F8, 0x3FF, uart_read, uart_write },
	{ 0x40, 0x43, pit_read, pit_write },
	{ 0x61, 0x61, pit_read, pit_write },
	{ 0x60, 0x60, no_read, kbd_write },
	{ 0x64, 0x64, no_read, kbd_write },
	{ 0x70, 0x71, cmos_read, cmos_write },
	{ 0xCF9, 0xCF9, no_read, reset_write },
	{ 0x604, 0x604, no_read, power_write },
	{ 0xF4, 0xF4, no_read, exit_write },
};

static bool
is_ide(unsigned int port)
{
	return (port >= 0x1F0 && port <= 0x1F7) || port == 0x3F6;
}

static const struct device *
device_at(unsigned int port)
{
	for (unsigned int i = 0; i < countof(devices); i++)
		if (port >= devices[i].first && port <= devices[i].last)
			return &devices[i];
	return NULL;
}

unsigned int
port_read(unsigned int port, unsigned int size)
{
	const struct device *d = device_at(port);

	if (is_ide(port))
		return ide_read(port, size);
	return d ? d->read(port) : ~0u;
}

void
port_write(unsigned int port, unsigned int size, unsigned int value)
{
	const struct device *d = device_at(port);

	if (is_ide(port))
		ide_write(port, size, value);
	else if (d)
		d->write(port, value);
}
