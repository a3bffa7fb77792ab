// Inodes in memory, by number, and the inode table on disk.
//
//	         itable_open, itable_new       inode_put, itable_put
//	(absent) ----------------------> in use ----------> idle ---> (absent)
//	                                    ^                 |  no page in the
//	                                    +-----------------+  cache, too many
//
// An idle inode is worth keeping for its pages, which are found through it.
#pragma once
#include "fs/cache.h"
#include "fs/log.h"
#include "kern/mutex.h"
#include "lib/list.h"

struct inode {
	struct page_owner pages; // its pages in the cache
	uint num;             // [I] inode number
	int refs;             // [a] 0 to 1 and back: inode table's lock
	struct list link;     // inode table's lock
	struct mutex lock;    // for all below
	bool valid;           // the rest was read from disk
	short type, major, minor,
		nlink; // type stays while there are references
	volatile uint size;   // read without the lock by the fault path
	volatile bool stale_tail; // the last page's bytes behind the end are
		// not zeros; read without the lock, too
	uint32_t cut_in;      // the transaction that last made it shorter
	uint addrs[13];       // its blocks, see layout.h
	int writers;          // [a] > 0: so many may write to it;
		// < 0: so many run it or are about to
	uint read_next;       // the page that a sequential reader misses next
	uint next_block;      // where its next block would best lie
	uint first_free_slot; // a directory's slots below it are all used
	struct spinlock area_lock; // RANK_AREA_LIST, for:
	struct list areas;    // mm's: the areas that map it; opaque here
	// The inode table's lock:
	struct list idle_link; // inodes without references, oldest first
	struct list orphan_link; // inodes without names, in the order on disk
	ushort orphan_next;   // number of the next on disk
	struct page *dpage;   // [I] the page of the inode table that it is in
};

void itable_init(void);
// Takes the superblock from the cache: fs_super. 0, -EIO, -ENOMEM. Sleeps.
int itable_mount(void) __must_check;

// Takes a reference to the root directory, for good. 0, -EIO, -ENOMEM. Sleeps.
int itable_open_root(void) __must_check;
// The root directory, without a reference for the caller.
struct inode *itable_root(void);

// Inode num with a reference, read from disk. -EIO also if it is none that is
// in use, -ENOMEM. Sleeps; may take its lock.
int itable_open(uint num, struct inode **ip) __must_check;
// A free inode of type 0, the caller's alone until an entry names it, with a
// reference. It is free again when that is put, unless an operation has given
// it a type. 0, -ENOSPC, -EIO, -ENOMEM. Sleeps.
int itable_new(struct inode **ip) __must_check;
// Drops a reference to ip, which does not have to be freed: it has names, or it
// is free. Everybody else calls inode_put (fs/inode.h).
void itable_put(struct inode *ip);
// Drops a reference that is not the last one. False if it may be the last.
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

// Copies ip to its place in the inode table. A credit.
void itable_update(struct log_op *op, struct inode *ip);
// ip has lost its last name: until it is freed it is in the list of orphans.
// itable_update must follow. A credit.
void itable_add_orphan(struct log_op *op, struct inode *ip);
// Takes it out of the list. A credit.
void itable_remove_orphan(struct log_op *op, struct inode *ip);
// After a mount: ip is the first of the list on disk, and now also of the one
// in memory.
void itable_found_orphan(struct inode *ip);
// Frees idle inodes without pages, all of them.
void itable_shrink(void);
