// ATA disks: registers, commands and the words of IDENTIFY. ATA/ATAPI-6 (T13
// 1410D) defines the registers in clause 7 and the commands in clause 8. The
// bus master is in Intel's Programming Interface for Bus Master IDE Controller,
// revision 1.0, section 2.
#pragma once
#include <stdint.h>

#define ATA_SECTOR 512

// The two channels, at the ports where every PC has them.
#define ATA_IO_0  0x1F0
#define ATA_CTL_0 0x3F6
#define ATA_IO_1  0x170
#define ATA_CTL_1 0x376

// Command block: offsets from ATA_IO.
#define ATA_DATA    0 // 16 bits wide
#define ATA_ERROR   1 // read
#define ATA_COUNT   2 // sectors; the first of two writes is bits 8..15
#define ATA_LBA_LOW 3 // bits 0..7 of the address (24..31 in the first write)
#define ATA_LBA_MID 4 // 8..15 (32..39)
#define ATA_LBA_HIGH 5 // 16..23 (40..47)
#define ATA_DEVICE  6
#define ATA_STATUS  7 // read; clears the interrupt
#define ATA_COMMAND 7 // write
// The control block is at ATA_CTL itself. A read returns the status and does
// not clear the interrupt.

#define ATA_DEVICE_OLD 0xA0 // bits that early disks want to be 1
#define ATA_DEVICE_LBA 0x40 // the address is a sector's number
#define ATA_DEVICE_UNIT 4   // shift: 0 master, 1 slave; bits 0..3: LBA 24..27

#define ATA_BSY  0x80 // busy: the other bits mean nothing
#define ATA_DRDY 0x40 // ready for commands
#define ATA_DF   0x20 // device fault
#define ATA_DRQ  0x08 // ready to move data through ATA_DATA
#define ATA_ERR  0x01 // the command failed, see ATA_ERROR

#define ATA_CTL_NIEN 0x02 // does not interrupt
#define ATA_CTL_SRST 0x04 // holds both disks in reset

#define ATA_READ_SECTORS      0x20
#define ATA_READ_SECTORS_EXT  0x24
#define ATA_READ_DMA_EXT      0x25
#define ATA_WRITE_SECTORS     0x30
#define ATA_WRITE_SECTORS_EXT 0x34
#define ATA_WRITE_DMA_EXT     0x35
#define ATA_READ_DMA          0xC8
#define ATA_WRITE_DMA         0xCA
#define ATA_FLUSH_CACHE       0xE7
#define ATA_FLUSH_CACHE_EXT   0xEA
#define ATA_IDENTIFY          0xEC

// 28 bits of address and 8 of count (0 is 256) without _EXT.
#define ATA_LBA28_MAX 0x10000000

// IDENTIFY DEVICE's 256 words.
#define ID_CONFIG   0  // bit 15: not an ATA disk
#define ID_MODEL    27 // 20 words, two characters in each, the first one high
#define ID_CAPS     49 // bit 8: DMA, bit 9: LBA
#define ID_LBA28    60 // sectors, two words, the low one first
#define ID_COMMANDS 83 // bit 10: _EXT, 12: FLUSH CACHE, 13: FLUSH CACHE EXT;
		       // valid if bits 15:14 are 01
#define ID_LBA48    100 // sectors, four words

#define ID_CONFIG_NOT_ATA     0x8000
#define ID_CAPS_DMA           0x0100
#define ID_CAPS_LBA           0x0200
#define ID_COMMANDS_EXT       0x0400
#define ID_COMMANDS_FLUSH     0x1000
#define ID_COMMANDS_FLUSH_EXT 0x2000
#define ID_COMMANDS_VALID     0xC000
#define ID_COMMANDS_VALID_IS  0x4000

// Bus master registers: offsets from BAR 4. Those of the second channel are 8
// higher.
#define BM_COMMAND 0
#define BM_STATUS  2
#define BM_TABLE   4 // physical address of the table below
#define BM_CHANNEL 8

// The PCI function's interface byte (PCI IDE Controller Specification 1.0). The
// first channel has bits 0 and 1, the second bits 2 and 3, and bit 7 is for
// both.
#define IDE_PROG_NATIVE  0x01 // not at the old ports and interrupts
#define IDE_PROG_MUTABLE 0x02 // NATIVE may be written
#define IDE_PROG_MASTER  0x80 // is a bus master, at BAR 4

#define BM_START   0x01 // command: run
#define BM_TO_RAM  0x08 // command: the disk is read
#define BM_ERROR   0x02 // status; written 1 to clear
#define BM_IRQ     0x04 // status: the disk has interrupted; written 1 to clear
#define BM_SIMPLEX 0x80 // status: one channel at a time

// An entry of the table: a piece of memory that does not cross 64 KB. The last
// entry has the flag ATA_PRD_LAST.
struct ata_prd {
	uint32_t addr;
	uint16_t size; // in bytes; 0 is 64 KB
	uint16_t flags;
};
#define ATA_PRD_LAST 0x8000
