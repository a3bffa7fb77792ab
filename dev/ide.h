// IDE disks on the two legacy channels, each a master and a slave: found by
// dev/ideprobe.c, driven by dev/ide.c.
#pragma once
#include "dev/ata.h"
#include "dev/blk.h"
#include "kern/lock.h"

#define IDE_CHANNELS 2

// How far the active request of a channel has come: what is waited for.
enum ide_phase {
	IDE_START, // the disk to take a command
	IDE_IN,    // the next sector to read
	IDE_OUT,   // the disk to take the next sector, or the end of the last
	IDE_DMA,   // the end of the transfer
	IDE_END,   // the end of a command without data
	IDE_LATE,  // nothing: its time is over
};

// Letters: [I] constant after ide_init, [c] the channel's lock.
struct ide_drive {
	struct blk_disk disk;      // [I]
	struct ide_channel *ch;    // [I]
	uint unit;                 // [I] 0 master, 1 slave
	bool present;              // [I]
	uint8_t flush;             // [I] its flush command; 0: it has none
	bool dma;                  // [c] moves data by itself
	uint late;                 // [c] requests in a row that timed out
	uint complaints;           // [c] errors that have been printed
	char name[8], model[41];   // [I]
};

struct ide_channel {
	struct spinlock lock;      // of rank RANK_BLK
	uint16_t io, ctl;          // [I] ports
	uint16_t bm;               // [I] bus master's ports; 0: there is none
	int irq;                   // [I]
	struct list queue;         // [c] requests that wait, in order
	struct blk_req *active;    // [c] the disks' present work, or NULL
	enum ide_phase phase;      // [c] of active
	uint sector;               // [c] sectors of active moved, by PIO
	uint tries;                // [c] of active
	uint seconds;              // [c] until active is late
	struct ata_prd *prd;       // [c] BLK_MAXRUN entries
	struct ide_drive drive[2];
};

// Makes a channel with drives usable, interrupts and all. 0, or an error of
// irq_register. From here on requests whose disk does not answer are ended.
int ide_start(struct ide_channel *ch) __must_check;
// The pause after a command or a change of drive, until the status is true: 400
// ns (ATA/ATAPI-6, 9.2 ff).
void ide_pause(const struct ide_channel *ch);
// blk_disk's submit.
void ide_submit(struct blk_disk *d, struct blk_req *r);
