// IDE disks: requests, one at a time on each channel.
//
//	ide_submit -> queue -> active: START --> IN, OUT, DMA, END --> blk_end
//	                ^              ^              |
//	                |              +--------------+ again, after an error
//	                +-- the next request, when this one has ended
//
// A channel is a state machine. ide_step looks at the disk and goes on as far
// as it can without waiting. The interrupt calls it, a submitter, and ide_tick
// ten times a second. So the end of a command is found even if its interrupt
// gets lost. ide_tick also counts down the seconds that a request has.
//
// Invariants: if active is NULL, both disks of the channel are idle. active is
// in no list. If requests wait and none is active, a CPU is in ide_run. A
// request ends without the lock held, so that its done() may submit the next
// request.
#include "dev/ide.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "kern/clock.h"
#include "kern/printk.h"
#include "lib/assert.h"
#include "x86/cpu.h"
#include "x86/irq.h"
#include "x86/timer.h"

#define PENDING 1 // what a phase returns before its end; then 0 or -EIO

// Long limits: the host of an emulated disk may be busy, and an error ends the
// journal's work, which is worse than a long wait.
#define LIMIT_DATA  10 // seconds
#define LIMIT_FLUSH 30 // FLUSH CACHE may take that long
#define CHECK_HZ    10 // how often a channel is looked at, besides
#define LATE_MAX    3 // requests in a row that time out: the disk is given up
#define COMPLAINTS  8 // errors of a disk that are printed

static struct ide_channel *started[IDE_CHANNELS]; // [I] after ide_init
static int nstarted;

static struct ide_drive *
drive_of(const struct blk_req *r)
{
	return r->disk->driver;
}

// ---- The phases of a command -----------------------------------------------

// Gives active's command if its disk is ready. The disk interrupts at its next
// step, except when it wants the first sector of a write: so wait for that
// here.
static int
phase_start(struct ide_channel *ch)
{
	struct ide_drive *d = drive_of(ch->active);
	uint8_t st;

	if (d->late >= LATE_MAX)
		return -EIO;
	if (ch->active->op == BLK_FLUSH && d->flush == 0)
		return 0; // nothing is cached
	ide_select(ch, d->unit, 0);
	st = inb(ch->ctl);
	if ((st & (ATA_BSY | ATA_DRQ)) || !(st & ATA_DRDY))
		return PENDING;
	if (ch->active->op == BLK_FLUSH)
		ide_start_flush(ch, d);
	else
		ide_start_data(ch, d);
	for (int us = 0; ch->phase == IDE_OUT && us < 1000; us += 5) {
		if (!(inb(ch->ctl) & ATA_BSY))
			break;
		timer_udelay(5);
	}
	return PENDING;
}

// Reads the disk's status to *st. Returns PENDING while the disk is busy, -EIO
// if it reports a failure, else 0. Clears the interrupt.
static int
ide_status(struct ide_channel *ch, uint8_t *st)
{
	*st = inb(ch->io + ATA_STATUS);
	if (*st & ATA_BSY)
		return PENDING;
	return *st & (ATA_ERR | ATA_DF) ? -EIO : 0;
}

// The address of active's next sector in memory.
static void *
sector_at(const struct ide_channel *ch)
{
	return (char *)ch->active->page[ch->sector / SECTORS] +
	       ch->sector % SECTORS * ATA_SECTOR;
}

static int
phase_in(struct ide_channel *ch)
{
	uint8_t st;
	int err = ide_status(ch, &st);

	if (err || !(st & ATA_DRQ))
		return err ? err : PENDING;
	insw(ch->io + ATA_DATA, sector_at(ch), ATA_SECTOR / 2);
	ch->sector++;
	ide_pause(ch);
	return ch->sector == ch->active->count * SECTORS ? 0 : PENDING;
}

static int
phase_out(struct ide_channel *ch)
{
	bool all = ch->sector == ch->active->count * SECTORS;
	uint8_t st;
	int err = ide_status(ch, &st);

	if (err || all)
		return err;
	if (!(st & ATA_DRQ))
		return PENDING;
	outsw(ch->io + ATA_DATA, sector_at(ch), ATA_SECTOR / 2);
	ch->sector++;
	ide_pause(ch); // the disk is busy now: the last sector has not ended
	return PENDING;
}

static int
phase_dma(struct ide_channel *ch)
{
	uint8_t st, bm = inb(ch->bm + BM_STATUS);
	int err;

	if (!(bm & (BM_IRQ | BM_ERROR)))
		return PENDING;
	ide_dma_stop(ch);
	err = ide_status(ch, &st);
	// If the disk still has data after its interrupt, the transfer failed.
	return !err && !(bm & BM_ERROR) && !(st & ATA_DRQ) ? 0 : -EIO;
}

static int
phase_end(struct ide_channel *ch)
{
	return ide_status(ch, &(uint8_t){ 0 });
}

// Resets both disks, so that the one that hangs takes commands again. The other
// disk is idle. Both may lose their DMA mode: from now on they move data by
// PIO.
static int
phase_late(struct ide_channel *ch)
{
	struct ide_drive *d = drive_of(ch->active);

	printk("%s: no answer, reset\n", d->name);
	if (ch->bm)
		ide_dma_stop(ch);
	outb(ch->ctl, ATA_CTL_SRST);
	timer_udelay(5);
	outb(ch->ctl, 0);
	timer_udelay(2000);
	ch->drive[0].dma = ch->drive[1].dma = false;
	if (++d->late == LATE_MAX)
		printk("%s: given up\n", d->name);
	return -EIO;
}

static int (*const phases[])(struct ide_channel *ch) = {
	[IDE_START] = phase_start, [IDE_IN] = phase_in,
	[IDE_OUT] = phase_out,     [IDE_DMA] = phase_dma,
	[IDE_END] = phase_end,     [IDE_LATE] = phase_late,
};

// ---- The channel -----------------------------------------------------------

// Makes the first request of the queue the active one. False if the queue is
// empty.
static bool
ide_next(struct ide_channel *ch)
{
	struct list *e = list_pop(&ch->queue);

	if (!e)
		return false;
	ch->active = list_entry(e, struct blk_req, link);
	ch->phase = IDE_START;
	ch->tries = 1;
	ch->seconds = ch->active->op == BLK_FLUSH ? LIMIT_FLUSH : LIMIT_DATA;
	return true;
}

static void
ide_complain(struct ide_channel *ch)
{
	static const char *const what[] = { "read", "write", "flush" };
	struct blk_req *r = ch->active;
	struct ide_drive *d = drive_of(r);

	if (d->complaints++ < COMPLAINTS)
		printk("%s: %s error at %u+%u (status %x, error %x)\n", d->name,
		       what[r->op], r->block, r->count, inb(ch->ctl),
		       inb(ch->io + ATA_ERROR));
}

// Is active to be tried again? Not a flush: after an error the disk goes on
// behind the sector that was lost, and a second flush would report success.
static bool
ide_again(struct ide_channel *ch)
{
	return ch->tries == 1 && ch->phase != IDE_START &&
	       ch->phase != IDE_LATE && ch->active->op != BLK_FLUSH;
}

// Goes on as far as possible. Returns a request that has ended, with *status
// set, or NULL if the channel waits for a disk or has nothing to do.
static struct blk_req *
ide_step(struct ide_channel *ch, int *status)
{
	assert(holding(&ch->lock));
	while (ch->active || ide_next(ch)) {
		struct blk_req *r = ch->active;
		enum ide_phase was = ch->phase;
		int err = phases[was](ch);

		if (err == PENDING && was == IDE_START && ch->phase == IDE_OUT)
			continue; // the first sector of a write
		if (err == PENDING)
			return NULL;
		if (err && ide_again(ch)) {
			ch->tries++;
			ch->phase = IDE_START;
			continue;
		}
		if (!err)
			drive_of(r)->late = 0;
		else if (was != IDE_LATE && was != IDE_START)
			ide_complain(ch); // else phase_late has printed
		ch->active = NULL;
		*status = err;
		return r;
	}
	return NULL;
}

// Steps until no more request ends.
static void
ide_run(struct ide_channel *ch)
{
	struct blk_req *r;
	int status;

	cpu_irq_off(); // for blk_end
	do {
		acquire(&ch->lock);
		r = ide_step(ch, &status);
		release(&ch->lock);
		if (r)
			blk_end(r, status);
	} while (r);
	cpu_irq_on();
}

static void
ide_interrupt(void *arg)
{
	struct ide_channel *ch = arg;

	inb(ch->io + ATA_STATUS); // clears it, even without a request
	ide_run(ch);
}

void
ide_submit(struct blk_disk *disk, struct blk_req *r)
{
	struct ide_channel *ch = ((struct ide_drive *)disk->driver)->ch;
	bool idle;

	acquire(&ch->lock);
	idle = !ch->active;
	list_append(&ch->queue, &r->link);
	release(&ch->lock);
	if (idle)
		ide_run(ch);
}

// Has a second of real time begun since the last call? Ticks do not tell: in a
// simulator they may run faster than the disk.
static bool
second_passed(void)
{
	static uint8_t last;
	uint8_t now = timer_wall_second();
	bool passed = now != last;

	last = now;
	return passed;
}

// From the clock, at every tick: looks at every channel CHECK_HZ times a
// second.
static void
ide_tick(void)
{
	static uint ticks;
	bool second;

	if (++ticks % (HZ / CHECK_HZ) != 0)
		return;
	second = second_passed();
	for (int i = 0; i < nstarted; i++) {
		struct ide_channel *ch = started[i];

		acquire(&ch->lock);
		if (second && ch->active && ch->seconds > 0 &&
		    --ch->seconds == 0)
			ch->phase = IDE_LATE;
		release(&ch->lock);
		ide_run(ch);
	}
}

int
ide_start(struct ide_channel *ch)
{
	int err = irq_register(ch->irq, ide_interrupt, ch);

	if (err)
		return err;
	if (nstarted == 0)
		clock_register(ide_tick);
	started[nstarted++] = ch;
	inb(ch->io + ATA_STATUS);
	outb(ch->ctl, 0); // interrupts on
	return 0;
}
