// Where the slots of swap lie: on a disk one behind the other, in a file where
// the file has its blocks. Swap itself knows block numbers only (mm/swap.h): it
// must not ask the file system for anything while memory is out.
#include "sys/swapon.h"
#include "abi/errno.h"
#include "fs/fs.h"
#include "kern/printk.h"
#include "mm/swap.h"

#define DISK_FIRST (FS_SUPER + 1) // the blocks that tell disks apart stay
#define SLOTS_MIN  16
#define SIGNATURE  510 // of a boot sector: 0x55, 0xAA

// ---- The table of slots -----------------------------------------------------

static void
free_slots(struct slot **table)
{
	for (uint i = 0; table && table[i]; i++)
		kfree(table[i]);
	if (table)
		kfree(table);
}

// Room for n slots, or NULL.
static struct slot **
new_slots(uint n)
{
	struct slot **table = kalloc_zero();

	for (uint i = 0; table && i < n; i += SLOTS_PER_PAGE) {
		struct slot *page = kalloc_zero();

		table[i / SLOTS_PER_PAGE] = page;
		if (!page) {
			free_slots(table);
			return NULL;
		}
	}
	return table;
}

// Sets the blocks of all n slots: those of the file, or of a disk if it is
// NULL.
static int
place_slots(struct slot **table, uint n, struct inode *ip)
{
	uint block, run;

	for (uint i = 0; i < n; i += run) {
		int err = 0;

		block = DISK_FIRST + i;
		run = n;
		if (ip)
			err = inode_blocks(ip, i, n - i, &block, &run);
		if (err || !block)
			return err ? err : -EINVAL;
		for (uint j = i; j < n && j < i + run; j++)
			table[j / SLOTS_PER_PAGE][j % SLOTS_PER_PAGE].block =
				block + j - i;
	}
	return 0;
}

static int
start_swap(struct blk_disk *d, uint n, struct inode *ip)
{
	struct slot **table;
	int err;

	n = min_uint(n, SLOTS_MAX);
	if (n < SLOTS_MIN)
		return -EINVAL;
	table = new_slots(n);
	if (!table)
		return -ENOMEM;
	err = place_slots(table, n, ip);
	if (!err)
		err = swap_start(d, table, n);
	if (err)
		free_slots(table);
	return err;
}

// ---- A disk, a file ---------------------------------------------------------

// Does block n of d, read into buf, say that somebody else uses the disk?
static int
check_block(struct blk_disk *d, uint n, uint8_t *buf)
{
	const struct superblock *sb = (const struct superblock *)buf;
	int err = blk_read(d, n, buf);

	if (err)
		return err;
	if (n == FS_SUPER)
		return sb->magic == FS_MAGIC ? -EBUSY : 0;
	return buf[SIGNATURE] == 0x55 && buf[SIGNATURE + 1] == 0xAA ? -EBUSY
								    : 0;
}

static int
check_disk(struct blk_disk *d)
{
	uint8_t *buf = kalloc();
	int err;

	if (!buf)
		return -ENOMEM;
	err = check_block(d, 0, buf);
	if (!err)
		err = check_block(d, FS_SUPER, buf);
	kfree(buf);
	return err;
}

static int
swap_on_disk(struct blk_disk *d)
{
	int err;

	if (!d)
		return -ENXIO;
	err = d->blocks < DISK_FIRST ? -EINVAL : check_disk(d);
	return err ? err : start_swap(d, d->blocks - DISK_FIRST, NULL);
}

// The file's own bytes are written first: later they would overwrite a page.
static int
swap_on_file(struct inode *ip)
{
	int err = inode_deny_write(ip);

	if (err)
		return err;
	err = fs_sync();
	if (!err)
		err = start_swap(fs_disk, ip->size / PGSIZE, ip);
	if (err)
		inode_allow_write(ip);
	else
		inode_get(ip); // for ever
	return err;
}

// ---- The call ---------------------------------------------------------------

int
swapon(struct inode *ip)
{
	int err = -EINVAL;

	if (ip->type == T_FILE)
		err = swap_on_file(ip);
	else if (ip->type == T_DEV && ip->major == DEV_DISK)
		err = swap_on_disk(blk_disk(ip->minor));
	if (!err)
		printk("swap: %u pages\n", swap_total());
	return err;
}
