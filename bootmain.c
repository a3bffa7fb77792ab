// The rest of the boot block: loads the kernel, an ELF file that follows the
// boot block on the first disk, and enters it. Runs at 0x7C00 in protected mode
// without paging; all addresses are physical.
#include "memlayout.h"
#include "abi/elf.h"
#include "x86/insn.h"

#define SECTOR 512

void bootmain(void);

// ---- Messages: on the screen's first line and on the serial line -----------

__noreturn static void
boot_fail(const char *why)
{
	volatile uint16_t *screen = (uint16_t *)0xB8000;

	for (; *why != 0; why++) {
		*screen++ = 0x0700 | *why;
		outb(0x3F8, *why);
	}
	for (;;)
		hlt();
}

// ---- The disk: the first one's registers (ATA, primary channel, PIO) -------

#define DISK_STATUS 0x1F7
#define DISK_NONE 0xFF // the status if there is no disk
#define DISK_BSY 0x80
#define DISK_DRDY 0x40
#define DISK_DRQ 0x08
#define DISK_ERROR 0x21 // ERR or DF
#define DISK_PATIENCE 10000000 // reads of the status before we give up

// Waits until the disk is not busy and shows all of `bits`.
static void
wait_disk(uint8_t bits)
{
	for (uint n = 0; n < DISK_PATIENCE; n++) {
		uint8_t s = inb(DISK_STATUS);

		if (s & DISK_BSY)
			continue;
		if (s & DISK_ERROR)
			boot_fail("cr3: the boot disk cannot be read\r\n");
		if ((s & bits) == bits)
			return;
	}
	boot_fail("cr3: the first IDE disk does not answer; is cr3.img on "
		  "it?\r\n");
}

static void
read_sector(void *dst, uint sector)
{
	outb(0x1F6, 0xE0 | (sector >> 24)); // drive 0: DRDY is the drive's
	wait_disk(DISK_DRDY);
	outb(0x1F2, 1);
	outb(0x1F3, sector);
	outb(0x1F4, sector >> 8);
	outb(0x1F5, sector >> 16);
	outb(0x1F7, 0x20); // READ SECTORS
	wait_disk(DISK_DRQ);
	insw(0x1F0, dst, SECTOR / 2);
}

// Reads n bytes of the kernel file, beginning at byte `offset`. A segment may
// begin anywhere in a sector. If only a part of a sector is wanted, the sector
// goes into a buffer first.
static void
read_file(char *dst, uint offset, uint n)
{
	static char buf[SECTOR];

	while (n > 0) {
		uint skip = offset % SECTOR;
		uint take = min_uint(n, SECTOR - skip);

		read_sector(take == SECTOR ? dst : buf,
			    BOOT_SECTORS + offset / SECTOR);
		for (uint i = 0; i < take && take < SECTOR; i++)
			dst[i] = buf[skip + i];
		dst += take;
		offset += take;
		n -= take;
	}
}

static void
load_segment(const struct elf_segment *s)
{
	char *p = (char *)s->paddr;

	// entrypgdir maps up to 4 MB, and RAM below 1 MB is not ours.
	if (s->filesz > s->memsz || s->paddr < EXTMEM || s->paddr > ENTRYTOP ||
	    s->memsz > ENTRYTOP - s->paddr)
		boot_fail("cr3: the kernel's ELF file does not fit into "
			  "memory\r\n");
	read_file(p, s->offset, s->filesz);
	for (uint i = s->filesz; i < s->memsz; i++)
		p[i] = 0;
}

// Enters the kernel as a multiboot loader does, so that entry.S needs to know
// only one kind of caller.
__noreturn static void
enter(uint32_t entry)
{
	__asm__ volatile("jmp *%0"
			 :
			 : "r"(entry), "a"(0x2BADB002), "b"(BOOT_MAP));
	__builtin_unreachable();
}

void
bootmain(void)
{
	static struct elf_header elf;
	static struct elf_segment seg;

	if (inb(DISK_STATUS) == DISK_NONE)
		boot_fail("cr3: there is no IDE disk (AHCI is not supported;"
			  " in QEMU, -M pc has IDE)\r\n");
	read_file((char *)&elf, 0, sizeof(elf));
	if (elf.magic != ELF_MAGIC || elf.class != ELF_CLASS32 ||
	    elf.machine != ELF_386 || elf.phentsize != sizeof(seg))
		boot_fail("cr3: there is no kernel on the first IDE disk\r\n");
	for (uint i = 0; i < elf.phnum; i++) {
		read_file((char *)&seg, elf.phoff + i * sizeof(seg),
			  sizeof(seg));
		if (seg.type == PT_LOAD)
			load_segment(&seg);
	}
	enter(elf.entry);
}
