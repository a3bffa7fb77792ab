// Directories: files of 16-byte entries, changed through the journal. All
// functions hold dp->lock, except dir_lock. All may sleep, except dir_usable,
// dir_set and dir_release.
#pragma once
#include "abi/errno.h"
#include "fs/inode.h"
#include "fs/log.h"

// A name as it stands in an entry: zeros follow it up to 14 bytes. The place of
// the inode number is 0.
struct name {
	ushort zero;
	char s[14];
} __attribute__((aligned(4)));

// The place of one entry, with a reference to its page.
struct dir_slot {
	uint off;
	struct page *pg;
};

// Locks dp with the rank of a directory. dp may turn out to be a file.
static inline void
dir_lock(struct inode *dp, enum lock_rank rank) __acquires(&dp->lock)
{
	mutex_lock_as(&dp->lock, rank);
}

// 0 if names can be looked up and made in dp; -ENOTDIR; -ENOENT if dp has been
// removed.
static inline int __must_check
dir_usable(const struct inode *dp)
{
	if (dp->type != T_DIR)
		return -ENOTDIR;
	return dp->nlink > 0 ? 0 : -ENOENT;
}

// Looks name up. 0: *num gets the inode's number, *s the place of the entry (if
// s is not NULL). -ENOENT, -EIO, -ENOMEM.
int dir_find(struct inode *dp, const struct name *name, uint *num,
	     struct dir_slot *s) __must_check;
// The same. *ip gets the inode with a reference.
int dir_open(struct inode *dp, const struct name *name, struct inode **ip,
	     struct dir_slot *s) __must_check;
// *s gets a place for a new entry. 0, -ENOSPC, -EIO, -ENOMEM.
int dir_room(struct inode *dp, struct dir_slot *s) __must_check;
// What op_begin must get for dir_enter at s: DIR_CREDITS credits, which include
// the update of dp, and *n blocks. 0, -EIO, -ENOMEM.
#define DIR_CREDITS 7
int dir_need(struct inode *dp, const struct dir_slot *s, uint *n) __must_check;
// Writes the entry and updates dp. 0, or -EIO, -ENOMEM with nothing changed. As
// it may fail, call it first in an operation.
int dir_enter(struct log_op *op, struct inode *dp, struct dir_slot *s,
	      const struct name *name, uint num) __must_check;
// Makes the entry at s name inode num. num 0 removes the entry. Needs a credit.
void dir_set(struct log_op *op, struct inode *dp, struct dir_slot *s, uint num);
// After the entry at s was removed: gives back the pages at the end of dp that
// have no entries, in operations of its own.
void dir_trim(struct inode *dp, const struct dir_slot *s);
// Drops what s refers to.
void dir_release(struct inode *dp, struct dir_slot *s);

// 1 if dp has no entries besides . and .., 0 if it has, or -EIO, -ENOMEM.
int dir_is_empty(struct inode *dp) __must_check;
// *pg gets the first page of the new directory dp, with a reference. The page
// is not yet part of the file. 0 or -ENOMEM.
int dir_prepare(struct inode *dp, struct inode *parent, struct page **pg)
	__must_check;
// Makes pg the first page of the file. Cannot fail. Needs two credits and a
// block. The caller updates dp.
void dir_begin(struct log_op *op, struct inode *dp, struct page *pg);
