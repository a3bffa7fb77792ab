// Commands to an IDE disk: the writes to its registers, and to the bus master's
// if the disk moves data by itself. Nothing here waits for an answer: dev/ide.c
// looks at the disk.
#include "dev/idecmd.h"
#include "memlayout.h"
#include "x86/insn.h"

// Commands by: write, DMA, 48-bit address.
static const uint8_t opcode[2][2][2] = {
	{{ATA_READ_SECTORS, ATA_READ_SECTORS_EXT},
	 {ATA_READ_DMA, ATA_READ_DMA_EXT}},
	{{ATA_WRITE_SECTORS, ATA_WRITE_SECTORS_EXT},
	 {ATA_WRITE_DMA, ATA_WRITE_DMA_EXT}},
};

void
ide_pause(const struct ide_channel *ch)
{
	for (int i = 0; i < 4; i++) // a read takes 100 ns or more
		inb(ch->ctl);
}

// ---- Giving a command ------------------------------------------------------

// Writes the address registers. With ext each is two deep: high bytes first.
static void
ide_address(struct ide_channel *ch, uint32_t lba, uint n, bool ext)
{
	if (ext) {
		outb(ch->io + ATA_COUNT, n >> 8);
		outb(ch->io + ATA_LBA_LOW, lba >> 24);
		outb(ch->io + ATA_LBA_MID, 0);
		outb(ch->io + ATA_LBA_HIGH, 0);
	}
	outb(ch->io + ATA_COUNT, n);
	outb(ch->io + ATA_LBA_LOW, lba);
	outb(ch->io + ATA_LBA_MID, lba >> 8);
	outb(ch->io + ATA_LBA_HIGH, lba >> 16);
}

void
ide_select(struct ide_channel *ch, uint unit, uint lba_top)
{
	outb(ch->io + ATA_DEVICE, ATA_DEVICE_OLD | ATA_DEVICE_LBA |
					  unit << ATA_DEVICE_UNIT | lba_top);
	ide_pause(ch);
}

// Tells the bus master where the pages are and which way they go.
static void
dma_prepare(struct ide_channel *ch, const struct blk_req *r)
{
	for (uint i = 0; i < r->count; i++)
		ch->prd[i] = (struct ata_prd){ V2P(r->page[i]), BLK_SIZE, 0 };
	ch->prd[r->count - 1].flags = ATA_PRD_LAST;
	outb(ch->bm + BM_COMMAND, r->op == BLK_READ ? BM_TO_RAM : 0);
	outl(ch->bm + BM_TABLE, V2P(ch->prd));
	outb(ch->bm + BM_STATUS,
	     inb(ch->bm + BM_STATUS) | BM_IRQ | BM_ERROR); // written 1: cleared
}

void
ide_dma_stop(struct ide_channel *ch)
{
	outb(ch->bm + BM_COMMAND, inb(ch->bm + BM_COMMAND) & ~BM_START);
	outb(ch->bm + BM_STATUS, inb(ch->bm + BM_STATUS) | BM_IRQ | BM_ERROR);
}

void
ide_start_flush(struct ide_channel *ch, const struct ide_drive *d)
{
	outb(ch->io + ATA_COMMAND, d->flush);
	ide_pause(ch);
	ch->phase = IDE_END;
}

void
ide_start_data(struct ide_channel *ch, const struct ide_drive *d)
{
	const struct blk_req *r = ch->active;
	uint32_t lba = r->block * SECTORS;
	uint n = r->count * SECTORS;
	bool ext = lba + n > ATA_LBA28_MAX;
	bool write = r->op == BLK_WRITE;

	ide_select(ch, d->unit, ext ? 0 : lba >> 24);
	ide_address(ch, lba, n, ext);
	ch->sector = 0;
	ch->phase = d->dma ? IDE_DMA : write ? IDE_OUT : IDE_IN;
	if (d->dma)
		dma_prepare(ch, r);
	outb(ch->io + ATA_COMMAND, opcode[write][d->dma][ext]);
	ide_pause(ch);
	if (d->dma)
		outb(ch->bm + BM_COMMAND, inb(ch->bm + BM_COMMAND) | BM_START);
}
