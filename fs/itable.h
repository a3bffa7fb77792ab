// Inodes in memory, by number. inode_get and inode_put (fs/inode.h) are here
// too.
//
//	         itable_open, itable_new         inode_put
//	(absent) ----------------------> in use ----------> idle ---> (absent)
//	                                    ^                 |  no page in the
//	                                    +-----------------+  cache, too many
//
// An idle inode is worth keeping for its pages, which are found through it.
#pragma once
#include "fs/inode.h"
#include "fs/layout.h"
#include "fs/log.h"

// The superblock, in the page of the cache that the journal writes. [I] but for
// `orphan`, which is the inode table's.
extern struct superblock *fs_super;

void itable_init(void);
// Takes the superblock from the cache. 0, -EIO, -ENOMEM. Sleeps.
int itable_mount(void) __must_check;
// Frees files that lost their last name while open, before a crash. Sleeps.
void itable_reclaim_orphans(void);

// Inode num with a reference, read from disk. -EIO also if it is none that is
// in use, -ENOMEM. Sleeps; may take its lock.
int itable_open(uint num, struct inode **ip) __must_check;
// A free inode of type 0, the caller's alone until an entry names it, with a
// reference. It is free again when that is put, unless an operation has given
// it a type. 0, -ENOSPC, -EIO, -ENOMEM. Sleeps.
int itable_new(struct inode **ip) __must_check;
// Copies ip to its place in the inode table. A credit.
void itable_update(struct log_op *op, struct inode *ip);
// ip has lost its last name: until the last reference goes it is in the list of
// orphans. itable_update must follow. A credit.
void itable_add_orphan(struct log_op *op, struct inode *ip);
// Frees idle inodes without pages, all of them.
void itable_shrink(void);
