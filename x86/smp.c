// The other CPUs: finding them and starting them.
//
//	BIOS leaves them asleep -- smp_find --> cpus[1..] -- smp_start --+
//	                                                                 |
//	INIT: the CPU waits for STARTUP <--------------------------------+
//	STARTUP (page AP_START >> 12): runs a copy of x86/apboot.S, in real mode
//	entry(): runs in the kernel, on its own stack, and sets c->started
//
// One CPU starts at a time, because all use the same copy of apboot.S and its
// parameters. A CPU that does not start in time gets another INIT, so that it
// cannot begin later, while the next CPU starts.
#include "x86/smp.h"
#include "abi/errno.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "memlayout.h"
#include "x86/acpi.h"
#include "x86/firmware.h"
#include "x86/lapic.h"
#include "x86/machine.h"
#include "x86/mp.h"
#include "x86/timer.h"

static paddr_t
	boot_pgdir; // [I] entrypgdir: the directory that smp_find runs on

// ---- Who is there ----------------------------------------------------------

// Will the kernel reach the controllers' registers? The last row of kmap[] maps
// DEVSPACE to 4 GB to itself.
static bool
reachable(const struct machine *m)
{
	return m->lapic >= DEVSPACE && m->ioapic >= DEVSPACE &&
	       m->lapic % PGSIZE == 0 && m->ioapic % 16 == 0;
}

void
smp_find(void)
{
	uint32_t r[4];
	bool has_apic, found;

	boot_pgdir = PTE_ADDR(cr3_read());
	cpuid(1, r);
	has_apic = r[3] & 1u << 9;
	machine.boot_id = r[1] >> 24; // as the CPU was numbered at reset
	found = acpi_find(&machine) || mp_find(&machine);
	phys_unmap();
	if (!found || !has_apic || !reachable(&machine))
		machine_reset(&machine);
	ncpu = 1 + machine.nothers;
	ncpu_listed = machine.listed > ncpu ? machine.listed : ncpu;
	cpus[0].apic_id = machine.boot_id;
	for (int i = 0; i < ncpu; i++) {
		cpus[i].index = i;
		if (i > 0)
			cpus[i].apic_id = machine.other[i - 1];
	}
}

// ---- Starting one ----------------------------------------------------------

// What apboot.S reads, at its label ap_params.
struct ap_params {
	uint32_t cr3;    // entrypgdir: maps low memory too
	uint32_t kernel; // the directory to go on with
	uint32_t stack;
	uint32_t entry;
};
_Static_assert(offsetof(struct ap_params, cr3) == 0, "apboot.S");
_Static_assert(offsetof(struct ap_params, kernel) == 4, "apboot.S");
_Static_assert(offsetof(struct ap_params, stack) == 8, "apboot.S");
_Static_assert(offsetof(struct ap_params, entry) == 12, "apboot.S");

extern const uint8_t apboot[], ap_params[], apboot_end[];

// Copies apboot.S and its parameters to low memory.
static void
prepare(const struct ap_params *params)
{
	uint8_t *page = P2V(AP_START);

	assert(apboot_end - apboot <= BOOT_BLOCK - AP_START);
	memcpy(page, apboot, apboot_end - apboot);
	memcpy(page + (ap_params - apboot), params, sizeof(*params));
}

// After INIT the CPU waits for STARTUP, which names the page of low memory
// where it begins. STARTUP is sent twice because it may get lost. The second
// one does nothing to a CPU that runs already (SDM vol. 3, 8.4.4.1). CPUs
// before the Pentium Pro need 10 ms after INIT.
static void
wake(struct cpu *c)
{
	uint32_t r[4];

	cpuid(1, r);
	lapic_send(c->apic_id, LAPIC_INIT);
	timer_udelay((r[0] >> 8 & 0xF) < 6 ? 10000 : 100);
	lapic_send(c->apic_id, LAPIC_INIT_END);
	for (int i = 0; i < 2 && !c->started; i++) {
		lapic_send(c->apic_id, LAPIC_STARTUP | AP_START >> 12);
		timer_udelay(200);
	}
}

int
smp_start(struct cpu *c, paddr_t kpgdir_pa, vaddr_t stack, void (*entry)(void))
{
	struct ap_params params = {
		.cr3 = boot_pgdir,
		.kernel = kpgdir_pa,
		.stack = stack,
		.entry = (vaddr_t)entry,
	};

	assert(c != cpu_this() && lapic_present());
	prepare(&params);
	wake(c);
	for (int i = 0; i < 10000 && !c->started; i++)
		timer_udelay(100);
	if (c->started)
		return 0;
	lapic_send(c->apic_id, LAPIC_INIT);
	lapic_send(c->apic_id, LAPIC_INIT_END);
	return -ETIMEDOUT;
}
