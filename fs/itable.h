// Inodes in memory, by number, and the inode table on disk.
//
//	         itable_open, itable_new       inode_put, itable_put
//	(absent) ----------------------> in use ----------> idle ---> (absent)
//	                                    ^                 |  no page in the
//	                                    +-----------------+  cache, too many
//
// An idle inode stays in memory as long as it has pages in the cache, because
// the pages are found through it.
#pragma once
#include "fs/cache.h"
#include "fs/log.h"
#include "kern/mutex.h"
#include "lib/list.h"

// Letters: [I] constant, [a] atomic, [t] the inode table's lock, [l] the lock
// in the inode, [r] written under [l], read without it.
struct inode {
	struct page_owner pages; // its pages in the cache
	uint num;             // [I] inode number
	int refs;             // [a] from 0 to 1 and back: [t]
	struct list link;     // [t] in the table
	struct mutex lock;    // RANK_INODE; RANK_DIR if used as a directory
	bool valid;           // [l] the rest was read from disk
	short type;           // [l] constant while there are references
	short major, minor, nlink; // [l]
	volatile uint size;   // [r]
	volatile bool stale_tail; // [r] see fs/write.c
	uint32_t cut_in;      // [l] the transaction that last made it shorter
	uint addrs[13];       // [l] its blocks, see layout.h
	int writers;          // [a] writers if > 0, runners if < 0
	uint read_next;       // [l] page that a reader in sequence needs next
	uint next_block;      // [l] the best place for its next block
	uint first_free_slot; // [l] all slots of a directory below it are used
	struct dirindex *dir_index; // [l] of a large directory, or NULL
	struct spinlock area_lock; // RANK_AREA_LIST, for:
	struct list areas;    // the areas of mm that map it
	struct list idle_link;   // [t] inodes without references, oldest first
	struct list orphan_link; // [t] inodes without names, as on disk
	ushort orphan_next;   // [t] number of the next one on disk
	struct page *dpage;   // [I] its page of the inode table
};

void itable_init(void);
// Reads the superblock into the cache and sets fs_super. 0, -EIO, -ENOMEM.
int itable_mount(void) __must_check;

// Takes a reference to the root directory for ever. 0, -EIO, -ENOMEM. Sleeps.
int itable_open_root(void) __must_check;
// The root directory, without a reference for the caller.
struct inode *itable_root(void);

// *ip gets inode num, read from disk, with a reference. 0, -ENOMEM, or -EIO,
// also if the inode is free or damaged. Sleeps. May take the inode's lock.
int itable_open(uint num, struct inode **ip) __must_check;
// *ip gets a free inode, of type 0, with a reference. Nobody else finds it
// until an entry names it. If no operation has given it a type, it is free
// again after inode_put. 0, -ENOSPC, -EIO, -ENOMEM. Sleeps.
int itable_new(struct inode **ip) __must_check;
// Drops a reference to an inode that has names or is free. Outside of the table
// and of fs/inode.c, call inode_put.
void itable_put(struct inode *ip);
// Drops a reference unless it is the last one. Returns false then.
static inline bool
itable_put_one_of_many(struct inode *ip)
{
	int refs = ip->refs;

	while (refs > 1)
		if (__atomic_compare_exchange_n(&ip->refs, &refs, refs - 1,
						false, __ATOMIC_RELEASE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

// Copies ip to its place in the inode table. Needs a credit.
void itable_update(struct log_op *op, struct inode *ip);
// Enters ip, which has lost its last name, in the list of orphans. The caller
// calls itable_update afterwards. Needs a credit.
void itable_add_orphan(struct log_op *op, struct inode *ip);
// Takes ip out of the list. Needs a credit.
void itable_remove_orphan(struct log_op *op, struct inode *ip);
// At the mount: ip is the first orphan on disk; enters it in the list in
// memory.
void itable_found_orphan(struct inode *ip);
// Frees all idle inodes without pages, and the indexes of idle directories.
void itable_shrink(void);
