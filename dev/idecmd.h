// An IDE channel and its two disks, and the commands that a disk is given.
#pragma once
#include "abi/ata.h"
#include "dev/blk.h"
#include "kern/lock.h"

#define IDE_CHANNELS 2
#define SECTORS (BLK_SIZE / ATA_SECTOR) // of a block

// How far the active request of a channel has come: what the channel waits for.
enum ide_phase {
	IDE_START, // that the disk is ready for a command
	IDE_IN,    // the next sector to read
	IDE_OUT,   // that the disk takes the next sector, or ends the last
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
	bool dma;                  // [c] the bus master moves its data
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
	struct blk_req *active;    // [c] the request at work, or NULL
	enum ide_phase phase;      // [c] of active
	uint sector;               // [c] sectors of active moved, by PIO
	uint tries;                // [c] of active
	uint seconds;              // [c] until active is late
	struct ata_prd *prd;       // [c] BLK_MAXRUN entries
	struct ide_drive drive[2];
};

// Gives the disk d the command for ch->active (no flush) from its first sector
// on, and sets ch->phase to what comes next. The disk is ready for a command.
// Holds ch->lock, as do the others.
void ide_start_data(struct ide_channel *ch, const struct ide_drive *d);
// Gives d its flush command.
void ide_start_flush(struct ide_channel *ch, const struct ide_drive *d);
// Ends a transfer of the bus master, and clears what it reports.
void ide_dma_stop(struct ide_channel *ch);
// Makes a disk the one that the registers belong to. lba_top: bits 24..27 of an
// address.
void ide_select(struct ide_channel *ch, uint unit, uint lba_top);
// The pause after a command or a change of drive, until the status is true: 400
// ns (ATA/ATAPI-6, 9.2 ff).
void ide_pause(const struct ide_channel *ch);
