// Finding the IDE disks, and whether a bus master can move their data.
//
// This code polls, with the disks' interrupts off. Each wait has a time limit,
// because a channel may be empty (all bits are then 1) and a disk may be
// broken.
#include "dev/ideprobe.h"
#include "dev/ide.h"
#include "dev/pci.h"
#include "kern/printk.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "x86/insn.h"
#include "x86/irq.h"
#include "x86/timer.h"

#define IDENTIFY_MS 1000 // a disk that runs needs a few ms

#define PCI_CLASS_IDE 0x0101

static struct ide_channel channels[IDE_CHANNELS] = {
	{ .io = ATA_IO_0, .ctl = ATA_CTL_0, .irq = IRQ_IDE },
	{ .io = ATA_IO_1, .ctl = ATA_CTL_1, .irq = IRQ_IDE2 },
};
// Aligned to their size: a table may not cross 64 KB.
static struct ata_prd tables[IDE_CHANNELS][BLK_MAXRUN]
	__attribute__((aligned(sizeof(struct ata_prd[BLK_MAXRUN]))));

// Waits until the bits `mask` of the status are `want`. False after ms.
static bool
probe_wait(const struct ide_channel *ch, uint mask, uint want, uint ms)
{
	for (uint us = 0; us < ms * 1000; us += 20) {
		if ((inb(ch->ctl) & mask) == want)
			return true;
		timer_udelay(20);
	}
	return false;
}

// Do the registers keep what is written to them? Then the channel has a disk.
static bool
probe_registers(const struct ide_channel *ch)
{
	outb(ch->io + ATA_COUNT, 0x55);
	outb(ch->io + ATA_LBA_LOW, 0xAA);
	return inb(ch->io + ATA_COUNT) == 0x55 &&
	       inb(ch->io + ATA_LBA_LOW) == 0xAA;
}

// Reads the selected disk's description. False if there is no disk, or no ATA
// disk (a CD drive aborts the command, with a signature in the address).
static bool
probe_identify(const struct ide_channel *ch, uint16_t id[256])
{
	uint8_t st = inb(ch->ctl);

	if (st == 0 || st == 0xFF || !probe_wait(ch, ATA_BSY, 0, IDENTIFY_MS))
		return false;
	// Both drives of a channel see these registers. The BIOS may have left
	// a packet's length in them, for a CD drive.
	outb(ch->io + ATA_LBA_MID, 0);
	outb(ch->io + ATA_LBA_HIGH, 0);
	outb(ch->io + ATA_COMMAND, ATA_IDENTIFY);
	ide_pause(ch);
	if (inb(ch->ctl) == 0 || !probe_wait(ch, ATA_BSY, 0, IDENTIFY_MS))
		return false;
	st = inb(ch->io + ATA_STATUS);
	if (st & (ATA_ERR | ATA_DF) || inb(ch->io + ATA_LBA_MID) != 0 ||
	    inb(ch->io + ATA_LBA_HIGH) != 0)
		return false;
	if (!probe_wait(ch, ATA_DRQ, ATA_DRQ, IDENTIFY_MS))
		return false;
	insw(ch->io + ATA_DATA, id, 256);
	inb(ch->io + ATA_STATUS);
	return !(id[ID_CONFIG] & ID_CONFIG_NOT_ATA);
}

// The model's name: bytes swapped, padded with blanks.
static void
model_name(char *dst, const uint16_t *id)
{
	uint n = 40;

	for (uint i = 0; i < n; i += 2) {
		dst[i] = id[ID_MODEL + i / 2] >> 8;
		dst[i + 1] = id[ID_MODEL + i / 2] & 0xFF;
	}
	while (n > 0 && (dst[n - 1] == ' ' || dst[n - 1] == 0))
		n--;
	dst[n] = 0;
	for (uint i = 0; i < n; i++)
		if (dst[i] < ' ' || dst[i] > '~')
			dst[i] = '?';
}

// The number of sectors, as far as 32 bits can count them: 2 TB.
static uint32_t
drive_sectors(const uint16_t *id, bool ext)
{
	const uint16_t *w = id + (ext ? ID_LBA48 : ID_LBA28);

	if (ext && (w[2] || w[3]))
		return 0xFFFFFFFF;
	return w[0] | (uint32_t)w[1] << 16;
}

// Fills d from the disk's own description.
static void
drive_describe(struct ide_drive *d, const uint16_t *id)
{
	uint cmds = id[ID_COMMANDS];

	if ((cmds & ID_COMMANDS_VALID) != ID_COMMANDS_VALID_IS)
		cmds = 0;
	model_name(d->model, id);
	if (cmds & ID_COMMANDS_FLUSH)
		d->flush = ATA_FLUSH_CACHE;
	if (cmds & ID_COMMANDS_FLUSH_EXT)
		d->flush = ATA_FLUSH_CACHE_EXT;
	d->dma = d->ch->bm != 0 && (id[ID_CAPS] & ID_CAPS_DMA);
	d->disk = (struct blk_disk){
		.name = d->name,
		.blocks = drive_sectors(id, cmds & ID_COMMANDS_EXT) / SECTORS,
		.submit = ide_submit,
		.driver = d,
	};
}

static void
drive_probe(struct ide_channel *ch, uint unit)
{
	struct ide_drive *d = &ch->drive[unit];
	uint16_t id[256];

	outb(ch->io + ATA_DEVICE, ATA_DEVICE_OLD | unit << ATA_DEVICE_UNIT);
	ide_pause(ch);
	if (!probe_registers(ch) || !probe_identify(ch, id))
		return;
	d->ch = ch;
	d->unit = unit;
	snprintf(d->name, sizeof(d->name), "ide%d.%u", (int)(ch - channels),
		 unit);
	if (!(id[ID_CAPS] & ID_CAPS_LBA)) {
		printk("%s: too old: it has no LBA\n", d->name);
		return;
	}
	drive_describe(d, id);
	d->present = true;
}

// Makes the PCI function a bus master, and puts both channels at the old ports,
// which are the only ones that this driver knows. Returns the port of its
// bus-master registers, or 0 if it has none.
static uint16_t
controller_init(void)
{
	pci_dev pci;
	uint32_t class, bar;

	if (!pci_find_class(PCI_CLASS_IDE, &pci))
		return 0;
	class = pci_read(pci, PCI_CLASS);
	for (uint ch = 0; ch < IDE_CHANNELS; ch++) {
		uint prog = class >> (8 + 2 * ch);

		if ((prog & IDE_PROG_NATIVE) && (prog & IDE_PROG_MUTABLE))
			class &= ~(IDE_PROG_NATIVE << (8 + 2 * ch));
		else if (prog & IDE_PROG_NATIVE)
			printk("ide%u: its controller is in native mode, which "
			       "is not driven\n",
			       ch);
	}
	pci_write(pci, PCI_CLASS, class);
	bar = pci_read(pci, PCI_BAR(4));
	if (!(class >> 8 & IDE_PROG_MASTER) || !(bar & PCI_BAR_IO) ||
	    (bar & 0xFFF0) == 0)
		return 0;
	pci_write(pci, PCI_COMMAND,
		  (pci_read(pci, PCI_COMMAND) & 0xFFFF) | PCI_COMMAND_IO |
			  PCI_COMMAND_MASTER);
	return bar & 0xFFF0;
}

// Starts a channel that has disks, and enters them in blk.
static void
channel_add(struct ide_channel *ch)
{
	bool any = ch->drive[0].present || ch->drive[1].present;

	if (any && ide_start(ch)) {
		printk("ide: no interrupt %d, its disks are left out\n",
		       ch->irq);
		return;
	}
	for (uint unit = 0; unit < 2; unit++) {
		struct ide_drive *d = &ch->drive[unit];

		if (d->present && !blk_add(&d->disk))
			printk("%s: %s, %u blocks (%u MB), %s\n", d->name,
			       d->model, d->disk.blocks, d->disk.blocks / 256,
			       d->dma ? "DMA" : "PIO");
	}
}

// Says which other disk controllers a machine without IDE disks has.
static void
say_no_disk(void)
{
	static const struct {
		uint class;
		const char *name;
	} other[] = {{0x0106, "an AHCI"},
		     {0x0108, "an NVMe"},
		     {0x0100, "a SCSI or virtio"}};
	pci_dev d;

	printk("blk: no disk; only IDE disks are driven\n");
	for (uint i = 0; i < countof(other); i++)
		if (pci_find_class(other[i].class, &d))
			printk("blk: this machine has %s controller (in "
			       "QEMU, -M pc has IDE)\n",
			       other[i].name);
}

void
ide_init(void)
{
	uint16_t bm = controller_init();

	for (uint i = 0; i < IDE_CHANNELS; i++) {
		struct ide_channel *ch = &channels[i];

		lock_init(&ch->lock, "ide", RANK_BLK);
		list_init(&ch->queue);
		ch->prd = tables[i];
		if (bm && (i == 0 || !(inb(bm + BM_STATUS) & BM_SIMPLEX)))
			ch->bm = bm + i * BM_CHANNEL;
		if (inb(ch->ctl) == 0xFF)
			continue;
		outb(ch->ctl, ATA_CTL_NIEN);
		drive_probe(ch, 0);
		drive_probe(ch, 1);
		channel_add(ch);
	}
	if (blk_count() == 0)
		say_no_disk();
}
