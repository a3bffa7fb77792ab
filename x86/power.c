// Power off, restart, and the end of an emulator. Each first does what the ACPI
// tables say, then what works on known machines. A write to a port that is not
// there does nothing, and the next way follows.
#include "x86/power.h"
#include "lib/types.h"
#include "x86/acpi.h"
#include "x86/insn.h"
#include "x86/timer.h"

#define PM1_SCI_EN  0x0001 // ACPI is on (ACPI 4.8.3.2.1)
#define PM1_SLP_TYP 0x1C00
#define PM1_SLP_EN  0x2000

#define RESET_PORT 0xCF9 // of the PIIX and its successors
#define KBD_STATUS 0x64
#define KBD_FULL   0x02 // the controller has not read the last byte yet
#define KBD_RESET  0xFE // pulse the CPU's reset line
#define TEST_PORT  0xF4 // QEMU's isa-debug-exit

// Turns ACPI on: before that the firmware may ignore the power ports.
static void
acpi_on(const struct acpi_power *p)
{
	if (p->smi_cmd == 0 || p->acpi_enable == 0)
		return;
	if (inw(p->pm1a) & PM1_SCI_EN)
		return;
	outb(p->smi_cmd, p->acpi_enable);
	for (int i = 0; i < 1000 && !(inw(p->pm1a) & PM1_SCI_EN); i++)
		timer_udelay(100);
}

// Writes the type of sleep and the command to sleep to a PM1 control register.
static void
pm1_sleep(uint16_t port, uint8_t type)
{
	uint16_t v = inw(port) & ~(PM1_SLP_TYP | PM1_SLP_EN);

	outw(port, v | type << 10 | PM1_SLP_EN);
}

static void
acpi_off(const struct acpi_power *p)
{
	if (!p->has_s5 || p->pm1a == 0)
		return;
	acpi_on(p);
	pm1_sleep(p->pm1a, p->type_a);
	if (p->pm1b != 0)
		pm1_sleep(p->pm1b, p->type_b);
	timer_udelay(10000);
}

void
power_off(void)
{
	acpi_off(acpi_power());
	outw(0x604, PM1_SLP_EN);  // QEMU's pc and q35, whose S5 is type 0
	outw(0xB004, PM1_SLP_EN); // old QEMU, Bochs
	for (const char *s = "Shutdown"; *s != 0; s++)
		outb(0x8900, *s); // Bochs without ACPI
	timer_udelay(10000);
}

static void
keyboard_reset(void)
{
	for (int i = 0; i < 1000 && inb(KBD_STATUS) & KBD_FULL; i++)
		timer_udelay(10);
	outb(KBD_STATUS, KBD_RESET);
	timer_udelay(10000);
}

// Without an IDT the CPU cannot deliver an exception, nor the double fault that
// follows. It shuts down, and the board resets it.
static void
triple_fault(void)
{
	lidt(NULL, 1);
	__asm__ volatile("int3");
}

void
power_restart(void)
{
	const struct acpi_power *p = acpi_power();

	cli();
	if (p->reset != 0) {
		outb(p->reset, p->reset_value);
		timer_udelay(10000);
	}
	outb(RESET_PORT, 0x02); // select a hard reset ...
	outb(RESET_PORT, 0x06); // ... and start it
	timer_udelay(10000);
	keyboard_reset();
	triple_fault();
}

void
power_test_exit(int code)
{
	outb(TEST_PORT, code);
}
