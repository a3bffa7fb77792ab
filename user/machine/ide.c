// One IDE disk over a file: the primary channel's master, by PIO. A command is
// done at once; its data waits in `sector`.
#include "user/machine/machine.h"
#include "abi/ata.h"

#define IRQ_IDE 14

static int disk = -1;
static unsigned int sectors;
static unsigned char reg[2][8]; // reg[1]: what was there before (48 bits)
static unsigned char status, control;
static unsigned char sector[ATA_SECTOR];
static unsigned int at,
	left; // the next byte; sectors of the command still to come
static unsigned int lba;
static bool writing;

void
ide_start(const char *path)
{
	struct stat st;

	if (!path)
		return;
	disk = open(path, O_RDWR | O_CLOEXEC); // a reset is an exec
	if (disk < 0 || fstat(disk, &st) < 0)
		err(1, "%s", path);
	sectors = st.size / ATA_SECTOR;
	status = ATA_DRDY;
}

static bool
selected(void)
{
	return disk >= 0 && !(reg[0][ATA_DEVICE] & 1 << ATA_DEVICE_UNIT);
}

static void
interrupt(bool on)
{
	pic_line(IRQ_IDE, on && !(control & ATA_CTL_NIEN));
}

static void
end_command(unsigned int flags)
{
	status = ATA_DRDY | flags;
	left = 0;
	interrupt(true);
}

// ---- Data -------------------------------------------------------------------

static bool
seek_lba(void)
{
	return lba < sectors && lseek(disk, lba * ATA_SECTOR, SEEK_SET) >= 0;
}

// The next sector of a read is there, or of a write is wanted.
static void
next_sector(void)
{
	at = 0;
	status = ATA_DRDY | ATA_DRQ;
	if (!writing &&
	    (!seek_lba() || read(disk, sector, ATA_SECTOR) != ATA_SECTOR))
		end_command(ATA_ERR);
	else
		interrupt(true);
}

static void
sector_done(void)
{
	bool bad = writing && (!seek_lba() ||
			       write(disk, sector, ATA_SECTOR) != ATA_SECTOR);

	lba++;
	if (bad)
		end_command(ATA_ERR);
	else if (--left > 0)
		next_sector();
	else if (writing)
		end_command(0);
	else
		status = ATA_DRDY;
}

static unsigned int
room(unsigned int n)
{
	unsigned int have = ATA_SECTOR - at;

	if (!(status & ATA_DRQ))
		return 0;
	return n < have ? n : have;
}

unsigned int
ide_take(void *to, unsigned int n)
{
	n = writing ? 0 : room(n);
	memcpy(to, sector + at, n);
	at += n;
	if (n > 0 && at == ATA_SECTOR)
		sector_done();
	return n;
}

unsigned int
ide_give(const void *from, unsigned int n)
{
	n = writing ? room(n) : 0;
	memcpy(sector + at, from, n);
	at += n;
	if (n > 0 && at == ATA_SECTOR)
		sector_done();
	return n;
}

// ---- Commands ---------------------------------------------------------------

static void
put_word(unsigned int i, unsigned int v)
{
	sector[2 * i] = v;
	sector[2 * i + 1] = v >> 8;
}

// IDENTIFY's 256 words: what the drivers of dev/ide.c and others look at.
static void
identify(void)
{
	static const char model[] = "cr3 file disk";

	memset(sector, 0, sizeof(sector));
	for (unsigned int i = 0; i < 40; i++)
		sector[2 * ID_MODEL + (i ^ 1)] =
			i < sizeof(model) - 1 ? model[i] : ' ';
	put_word(ID_CAPS, 1 << 9);
	put_word(ID_LBA28, sectors);
	put_word(ID_LBA28 + 1, sectors >> 16);
	put_word(ID_COMMANDS,
		 ID_COMMANDS_VALID_IS | ID_COMMANDS_FLUSH | ID_COMMANDS_EXT);
	put_word(ID_LBA48, sectors);
	put_word(ID_LBA48 + 1, sectors >> 16);
	writing = false;
	left = 1;
	at = 0;
	status = ATA_DRDY | ATA_DRQ;
	interrupt(true);
}

static void
transfer(bool write, bool ext)
{
	unsigned int low = reg[0][ATA_LBA_LOW] | reg[0][ATA_LBA_MID] << 8 |
			   reg[0][ATA_LBA_HIGH] << 16;

	left = reg[0][ATA_COUNT];
	if (ext)
		left |= reg[1][ATA_COUNT] << 8;
	if (left == 0)
		left = ext ? 65536 : 256;
	lba = low | (ext ? (unsigned int)reg[1][ATA_LBA_LOW] << 24
			 : (reg[0][ATA_DEVICE] & 0xFu) << 24);
	writing = write;
	next_sector();
	if (write)
		interrupt(false); // the first sector is asked for in silence
}

static void
command(unsigned int value)
{
	if (!selected())
		return;
	interrupt(false);
	switch (value) {
	case ATA_IDENTIFY:          identify(); break;
	case ATA_READ_SECTORS:      transfer(false, false); break;
	case ATA_READ_SECTORS_EXT:  transfer(false, true); break;
	case ATA_WRITE_SECTORS:     transfer(true, false); break;
	case ATA_WRITE_SECTORS_EXT: transfer(true, true); break;
	case ATA_FLUSH_CACHE:
	case ATA_FLUSH_CACHE_EXT:
		end_command(fsync(disk) < 0 ? ATA_ERR : 0);
		break;
	default:                    end_command(ATA_ERR);
	}
}

// ---- Registers --------------------------------------------------------------

unsigned int
ide_read(unsigned int port, unsigned int size)
{
	unsigned int r = port - ATA_IO_0, v = 0;

	if (disk < 0)
		return ~0u;
	if (port == ATA_CTL_0)
		return selected() ? status : 0;
	if (r == ATA_DATA) {
		ide_take(&v, size);
		return v;
	}
	if (r == ATA_ERROR)
		return status & ATA_ERR ? 0x04 : 0; // aborted
	if (r != ATA_STATUS)
		return reg[0][r];
	interrupt(false);
	return selected() ? status : 0;
}

void
ide_write(unsigned int port, unsigned int size, unsigned int value)
{
	unsigned int r = port - ATA_IO_0;

	if (port == ATA_CTL_0) {
		control = value;
		if (value & ATA_CTL_SRST) {
			memset(reg, 0, sizeof(reg));
			status = ATA_DRDY;
			left = 0;
		}
	} else if (r == ATA_DATA) {
		ide_give(&value, size);
	} else if (r == ATA_COMMAND) {
		command(value);
	} else {
		reg[1][r] = reg[0][r];
		reg[0][r] = value;
	}
}
