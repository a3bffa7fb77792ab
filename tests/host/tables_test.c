// Catches: ACPI and MP tables that are corrupt and make the kernel hang, crash
// or read where no table is, and sound ones that are misread. Builds alone.
#include "x86/acpi.c"
#undef HEADER
#include "x86/mp.c"
#include "x86/machine.c"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

// The machine's memory: 1 MB of which the tables are made, all else reads as
// absent. A map is copied to a heap block of its size, so that a read beyond it
// is the sanitizer's to see.
#define MEMORY 0x100000
static uint8_t memory[MEMORY];
static uint8_t *mapped;
static uint maps;

void
phys_unmap(void)
{
	free(mapped);
	mapped = NULL;
}

const uint8_t *
phys_map(paddr_t pa, uint32_t len)
{
	phys_unmap();
	maps++;
	if (len == 0 || len > PHYS_MAX || pa > MEMORY || len > MEMORY - pa)
		return NULL;
	mapped = malloc(len);
	memcpy(mapped, memory + pa, len);
	return mapped;
}

int ncpu; // x86/cpu.c's

// ---- Building tables --------------------------------------------------------

static uint32_t here; // the next byte to write

static void
bytes(uint n, ...)
{
	__builtin_va_list ap;

	__builtin_va_start(ap, n);
	while (n-- > 0)
		memory[here++] = __builtin_va_arg(ap, int);
	__builtin_va_end(ap);
}

static void
word32(uint32_t v)
{
	bytes(4, v & 0xFF, v >> 8 & 0xFF, v >> 16 & 0xFF, v >> 24);
}

static void
set32(uint32_t at, uint32_t v)
{
	memcpy(memory + at, &v, 4);
}

// Makes [at, at + len) sum to 0 by the byte at `sum`.
static void
seal(uint32_t at, uint32_t len, uint32_t sum)
{
	memory[sum] = 0;
	memory[sum] = -table_sum(memory + at, len);
}

static uint32_t
table_begin(const char *name)
{
	uint32_t at = here = (here + 15) & ~15u;

	memcpy(memory + at, name, 4);
	here += 36;
	return at;
}

static void
table_end(uint32_t at)
{
	set32(at + 4, here - at);
	seal(at, here - at, at + 9);
}

struct places {
	uint32_t rsdp, root, madt, fadt, dsdt, end;
} at;

static void
make_madt(void)
{
	at.madt = table_begin("APIC");
	word32(0xFEE00000);
	word32(1);
	for (int i = 0; i < 3; i++) {
		bytes(4, MADT_CPU, 8, i, 2 * i);
		word32(1);
	}
	bytes(4, MADT_CPU, 8, 3, 9);
	word32(0); // a socket without a CPU
	bytes(4, MADT_IOAPIC, 12, 0, 0);
	word32(0xFEC00000);
	word32(0);
	bytes(4, MADT_IOAPIC, 12, 1, 0);
	word32(0xFEC10000);
	word32(24);
	bytes(4, MADT_LINE, 10, 0, 0);
	word32(2);
	bytes(2, 0, 0);
	bytes(4, MADT_LINE, 10, 0, 9);
	word32(9);
	bytes(2, 0xF, 0);
	bytes(6, 4, 6, 0xFF, 0, 0, 1); // NMI: of no interest
	table_end(at.madt);
}

static void
make_fadt(void)
{
	at.dsdt = table_begin("DSDT");
	bytes(5, 0x10, 0x20, '\\', '_', 'S');
	bytes(6, 0x08, '_', 'S', '5', '_', 0x12);
	bytes(7, 0x06, 0x04, 0x0A, 0x05, 0x01, 0x00, 0x00);
	table_end(at.dsdt);
	at.fadt = table_begin("FACP");
	here = at.fadt + 244;
	table_end(at.fadt);
	set32(at.fadt + 40, at.dsdt);
	set32(at.fadt + 48, 0xB2);
	memory[at.fadt + 52] = 0xF1;
	set32(at.fadt + 64, 0x604);
	set32(at.fadt + 112, 1u << 10);
	memory[at.fadt + 116] = 1;
	set32(at.fadt + 120, 0xCF9);
	memory[at.fadt + 128] = 0x0F;
	table_end(at.fadt);
}

static void
make_acpi(bool xsdt)
{
	memset(memory, 0, sizeof(memory));
	memset(&power, 0, sizeof(power));
	here = 0xE0000;
	make_madt();
	make_fadt();
	at.root = table_begin(xsdt ? "XSDT" : "RSDT");
	for (int i = 0; i < 2; i++) {
		word32(i == 0 ? at.fadt : at.madt);
		if (xsdt)
			word32(0);
	}
	table_end(at.root);
	at.rsdp = here = (here + 15) & ~15u;
	memcpy(memory + at.rsdp, "RSD PTR ", 8);
	memory[at.rsdp + 15] = xsdt ? 2 : 0;
	set32(at.rsdp + 16, xsdt ? 0 : at.root);
	set32(at.rsdp + 24, xsdt ? at.root : 0);
	seal(at.rsdp, 20, at.rsdp + 8);
	seal(at.rsdp, 36, at.rsdp + 32);
	at.end = at.rsdp + 36;
}

// The entries of the MP table: CPUs 0, 2 and 5; the I/O APIC's name is 7.
static void
make_mp_entries(void)
{
	for (int i = 0; i < 3; i++) {
		bytes(4, ENTRY_CPU, i * 5 / 2, 0x14, i == 0 ? 3 : 1);
		here += 16;
	}
	bytes(8, ENTRY_BUS, 0, 'P', 'C', 'I', ' ', ' ', ' ');
	bytes(8, ENTRY_BUS, 1, 'I', 'S', 'A', ' ', ' ', ' ');
	bytes(4, ENTRY_IOAPIC, 7, 0x11, 1);
	word32(0xFEC00000);
	bytes(8, ENTRY_LINE, 0, 0, 0, 1, 0, 7, 2);
	bytes(8, ENTRY_LINE, 0, 0xF, 0, 1, 9, 0xFF, 20);
	bytes(8, ENTRY_LINE, 0, 0, 0, 0, 4, 7, 16); // PCI's: not ours
	bytes(8, ENTRY_LINE, 0, 0, 0, 1, 5, 6, 21); // another I/O APIC's
	bytes(8, ENTRY_LINT, 3, 0, 0, 1, 0, 0, 0);
}

static void
make_mp(void)
{
	memset(memory, 0, sizeof(memory));
	here = 0xF0000;
	at.root = here;
	memcpy(memory + here, "PCMP", 4);
	set32(here + 36, 0xFEE00000);
	here += 44;
	make_mp_entries();
	memory[at.root + 4] = here - at.root;
	memory[at.root + 5] = (here - at.root) >> 8;
	seal(at.root, here - at.root, at.root + 7);
	at.rsdp = here = (here + 15) & ~15u;
	memcpy(memory + here, "_MP_", 4);
	set32(here + 4, at.root);
	memory[here + 8] = 1;
	memory[here + 9] = 4;
	memory[here + 12] = 0x80;
	seal(here, 16, here + 10);
	at.end = here + 16;
}

// ---- Tests ------------------------------------------------------------------

// Catches: a field is read at a wrong offset, a disabled CPU is counted, the
// second I/O APIC is used, an interrupt line is not rewired, or S5 is misread.
static void
test_acpi(bool xsdt)
{
	struct machine m = { .boot_id = 2 };

	make_acpi(xsdt);
	assert(acpi_find(&m));
	assert(m.listed == 3 && m.nothers == 2);
	assert(m.other[0] == 0 && m.other[1] == 4);
	assert(m.lapic == 0xFEE00000 && m.ioapic == 0xFEC00000);
	assert(m.line[0].gsi == 2 && !m.line[0].level && !m.line[0].low);
	assert(m.line[9].gsi == 9 && m.line[9].level && m.line[9].low);
	assert(m.line[14].gsi == 14 && !m.line[14].level);
	assert(power.pm1a == 0x604 && power.pm1b == 0);
	assert(power.has_s5 && power.type_a == 5 && power.type_b == 1);
	assert(power.smi_cmd == 0xB2 && power.acpi_enable == 0xF1);
	assert(power.reset == 0xCF9 && power.reset_value == 0x0F);
}

// Catches: the same in the MP table, and an interrupt of another bus that is
// taken for ISA's.
static void
test_mp(void)
{
	struct machine m = { .boot_id = 0 };

	make_mp();
	assert(mp_find(&m));
	assert(m.listed == 3 && m.other[0] == 2 && m.other[1] == 5);
	assert(m.lapic == 0xFEE00000 && m.ioapic == 0xFEC00000 && m.imcr);
	assert(m.line[0].gsi == 2 && !m.line[0].level);
	assert(m.line[9].gsi == 20 && m.line[9].level && m.line[9].low);
	assert(m.line[4].gsi == 4 && m.line[5].gsi == 5);
}

// Catches: the walk never gets past an entry of an unknown type or of length 0,
// or trusts its contents.
static void
test_bad_entries(void)
{
	struct machine m = { .boot_id = 0 };

	make_mp();
	memory[at.root + 44 + 20] = 9;
	seal(at.root, table_get16(memory + at.root + 4), at.root + 7);
	assert(!mp_find(&m));
	make_acpi(false);
	memory[at.madt + 44 + 8 + 1] = 0; // the second CPU
	seal(at.madt, table_get32(memory + at.madt + 4), at.madt + 9);
	assert(!acpi_find(
		&m)); // nothing behind it is read, so that there is no I/O APIC
}

static void
seal_mp(void)
{
	uint32_t len = table_get16(memory + at.root + 4);

	seal(at.root, len, at.root + 7);
	seal(at.rsdp, 16, at.rsdp + 10);
}

static void
seal_acpi(void)
{
	uint32_t all[] = { at.madt, at.fadt, at.dsdt, at.root };

	for (uint i = 0; i < 4; i++) {
		uint32_t n = table_get32(memory + all[i] + 4);

		if (n >= 36 && n < 0x10000)
			seal(all[i], n, all[i] + 9);
	}
	seal(at.rsdp, 20, at.rsdp + 8);
	seal(at.rsdp, 36, at.rsdp + 32);
}

// Catches: any damage that makes the reader hang, crash or read out of bounds.
// Half of the damaged tables get a right sum again, so that the reader goes on
// to the damage.
static void
test_damage(void)
{
	struct machine m = { .boot_id = 0 };

	for (uint seed = 0; seed < 8000; seed++) {
		bool mp = seed & 1;
		uint32_t from = mp ? 0xF0000 : 0xE0000;

		srand(seed);
		if (mp)
			make_mp();
		else
			make_acpi(seed & 2);
		for (int i = rand() % 8; i >= 0; i--)
			memory[from + rand() % (at.end - from)] =
				rand() % 2 ? rand() : 0xFF * (rand() % 2);
		if (seed & 4)
			(mp ? seal_mp : seal_acpi)();
		maps = 0;
		if (!acpi_find(&m) && !mp_find(&m))
			machine_reset(&m);
		assert(m.nothers < NCPU && maps < 500);
	}
}

int
main(void)
{
	test_acpi(false);
	test_acpi(true);
	test_mp();
	test_bad_entries();
	test_damage();
	phys_unmap();
	printf("tables: ok\n");
	return 0;
}
