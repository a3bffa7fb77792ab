// Directories: files of 16-byte entries, changed through the journal. Holds
// dp->lock: everything here. All but dir_set and dir_release may sleep.
#pragma once
#include "abi/errno.h"
#include "fs/inode.h"
#include "fs/log.h"

// A name as it stands in an entry: filled up with zeros, no number before it.
struct name {
	ushort zero;
	char s[14];
} __attribute__((aligned(4)));

// The place of one entry, with a reference to its page.
struct dir_slot {
	uint off;
	struct page *pg;
};

// Locks dp as a directory, which it need not be. The caller does not hold
// dp->lock.
static inline void
dir_lock(struct inode *dp, enum lock_rank rank) __acquires(&dp->lock)
{
	mutex_lock_as(&dp->lock, rank);
}

// May names be looked up and made in dp? 0, or -ENOTDIR, -ENOENT (it was
// removed).
static inline int __must_check
dir_usable(const struct inode *dp)
{
	if (dp->type != T_DIR)
		return -ENOTDIR;
	return dp->nlink > 0 ? 0 : -ENOENT;
}

// Looks name up: 0 with *num its inode and (unless s is NULL) *s its place;
// -ENOENT, -EIO, -ENOMEM.
int dir_find(struct inode *dp, const struct name *name, uint *num,
	     struct dir_slot *s) __must_check;
// The same, with the inode that the entry names, and a reference to it.
int dir_open(struct inode *dp, const struct name *name, struct inode **ip,
	     struct dir_slot *s) __must_check;
// A place for a new entry. 0, -ENOSPC, -EIO, -ENOMEM.
int dir_room(struct inode *dp, struct dir_slot *s) __must_check;
// What op_begin needs for dir_enter there, dp's own update included: credits,
// and in *n the blocks. 0, -EIO, -ENOMEM.
#define DIR_CREDITS 7
int dir_need(struct inode *dp, const struct dir_slot *s, uint *n) __must_check;
// Writes the entry and updates dp. 0, or -EIO, -ENOMEM with nothing changed: so
// call it before what cannot be undone.
int dir_enter(struct log_op *op, struct inode *dp, struct dir_slot *s,
	      const struct name *name, uint num) __must_check;
// Makes the entry name inode num; 0 takes it out. A credit.
void dir_set(struct log_op *op, struct inode *dp, struct dir_slot *s, uint num);
// The entry at s has been taken out: gives back the pages at dp's end that have
// no entries now, in operations of its own.
void dir_trim(struct inode *dp, const struct dir_slot *s);
void dir_release(struct inode *dp, struct dir_slot *s);

// 1 if dp has no entries but . and .., 0 if it has, or an error.
int dir_is_empty(struct inode *dp) __must_check;
// The first page of a new directory dp, with a reference, not yet in the file.
// 0 or -ENOMEM.
int dir_prepare(struct inode *dp, struct inode *parent, struct page **pg)
	__must_check;
// Makes it the file: takes a block. Cannot fail; the caller updates dp. Two
// credits, a block.
void dir_begin(struct log_op *op, struct inode *dp, struct page *pg);
