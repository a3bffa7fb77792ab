// The format on disk, for the kernel, mkfs and fsck.
//
//	block 0      1       2 ..          .. ..          .. ..       .. blocks
//	+-------+--------+---------+-------------+---------+------------+
//	| boot  | super  | journal | inode table | bitmap  | data       |
//	+-------+--------+---------+-------------+---------+------------+
//	                  header, then     64 bytes   a bit a block: 1 is used
//	                  copies of blocks an inode
//
// All numbers are little endian. A number that was read from a disk may be
// anything: a function below must have called it valid before it is used.
#pragma once
#include "abi/stat.h"
#include "lib/types.h"

#define FS_BLOCK   4096       // bytes of a block, and of a page
#define FS_MAGIC   0x33726366 // "fcr3"
#define FS_VERSION 1
#define FS_SUPER   1 // the block of the superblock
#define FS_LOG     2 // the first block of the journal: its header
#define FS_ROOT    1 // the inode number of the root directory; 0 is none

#define FS_MAXINODES 65536 // a directory entry has 16 bits for a number
#define FS_MAXBLOCKS (1u << 24)
#define FS_MAXSIZE   0x7FFFF000u // of a file: offsets are ints
#define FS_MAXLINKS  32767

#define FS_BITS   (FS_BLOCK * 8)   // blocks that one bitmap block describes
#define FS_PTRS   (FS_BLOCK / 4)   // block numbers in an indirect block
#define FS_IPB    (FS_BLOCK / 64)  // inodes in a block
#define FS_DPB    (FS_BLOCK / 16)  // directory entries in a block

struct superblock {
	uint32_t magic, version;
	uint32_t blocks;  // of the file system; the disk may be larger
	uint32_t inodes;  // in the table, number 0 included
	uint32_t log_blocks; // journal, its header included
	uint32_t inode_start, inode_blocks;
	uint32_t bitmap_start, bitmap_blocks;
	uint32_t data_start;
	uint32_t orphan; // first inode without names that is still in use, or 0
};

// addrs has FS_NDIRECT blocks of the file, then a block of FS_PTRS numbers of
// blocks, then a block of FS_PTRS numbers of such blocks. 0 is a hole, which
// reads as zeros.
#define FS_NDIRECT  11
#define FS_INDIRECT 11 // index in addrs
#define FS_DOUBLE   12
#define FS_NADDR    13
#define FS_DOUBLE_FIRST (FS_NDIRECT + FS_PTRS) // its first page of the file

// In an orphan (nlink 0), major is the number of the next orphan, or 0.
struct dinode {
	int16_t type; // T_DIR, T_FILE, T_DEV or 0: free
	uint16_t major, minor;
	int16_t nlink;
	uint32_t size;
	uint32_t addrs[FS_NADDR];
};

// The header of the journal. count blocks follow it, whose homes are in home[].
// sum is the sum of seq, count, home[0..count-1] and the blocks (fs/replay.c).
// So a header is not valid if some of its blocks have not arrived, or have been
// overwritten.
#define FS_LOG_MAGIC 0x676F6C33
#define FS_LOG_MIN   32  // a journal has room for so many blocks at least
#define FS_LOG_MAX   512 // a transaction has so many blocks at most
struct log_header {
	uint32_t magic, seq, count, sum;
	uint32_t home[FS_LOG_MAX];
	uint32_t unused[FS_PTRS - 4 - FS_LOG_MAX];
};

_Static_assert(sizeof(struct dinode) == 64, "FS_IPB inodes fill a block");
_Static_assert(sizeof(struct dirent) == 16, "FS_DPB entries fill a block");
_Static_assert(sizeof(struct log_header) == FS_BLOCK, "the header is a block");

static inline uint
fs_blocks_of(uint size)
{
	return size / FS_BLOCK + (size % FS_BLOCK != 0);
}

// Fills in where everything lies. blocks, inodes and log_blocks are set.
static inline void
super_place(struct superblock *sb)
{
	sb->inode_start = FS_LOG + sb->log_blocks;
	sb->inode_blocks = (sb->inodes + FS_IPB - 1) / FS_IPB;
	sb->bitmap_start = sb->inode_start + sb->inode_blocks;
	sb->bitmap_blocks = (sb->blocks + FS_BITS - 1) / FS_BITS;
	sb->data_start = sb->bitmap_start + sb->bitmap_blocks;
}

// Does sb describe a file system of ours? The three sizes are checked first, so
// that nothing overflows. The rest must be what super_place makes of them.
static inline bool
super_valid(const struct superblock *sb)
{
	struct superblock want = *sb;

	if (sb->magic != FS_MAGIC || sb->version != FS_VERSION)
		return false;
	if (sb->blocks > FS_MAXBLOCKS || sb->inodes > FS_MAXINODES ||
	    sb->inodes <= FS_ROOT || sb->log_blocks < FS_LOG_MIN + 1 ||
	    sb->log_blocks > FS_LOG_MAX + 1)
		return false;
	super_place(&want);
	return want.inode_start == sb->inode_start &&
	       want.inode_blocks == sb->inode_blocks &&
	       want.bitmap_start == sb->bitmap_start &&
	       want.bitmap_blocks == sb->bitmap_blocks &&
	       want.data_start == sb->data_start &&
	       sb->data_start < sb->blocks && sb->orphan < sb->inodes;
}

// May a file or directory own this block?
static inline bool
super_is_data(const struct superblock *sb, uint block)
{
	return block >= sb->data_start && block < sb->blocks;
}

// May the journal copy to this block? Not to itself and not to block 0.
static inline bool
super_is_home(const struct superblock *sb, uint block)
{
	return block == FS_SUPER ||
	       (block >= sb->inode_start && block < sb->blocks);
}

static inline bool
super_is_inode(const struct superblock *sb, uint num)
{
	return num != 0 && num < sb->inodes;
}

// The block of the inode table with inode num.
static inline uint
super_inode_block(const struct superblock *sb, uint num)
{
	return sb->inode_start + num / FS_IPB;
}

// Can the kernel work with d, an inode that is in use?
static inline bool
dinode_valid(const struct dinode *d)
{
	return d->type >= T_DIR && d->type <= T_DEV && d->nlink >= 0 &&
	       d->size <= FS_MAXSIZE &&
	       (d->type != T_DIR || d->size % sizeof(struct dirent) == 0);
}
