// What path.c and rename.c share, and nobody else.
#pragma once
#include "fs/dir.h"
#include "fs/path.h"

// Where a path leads.
struct place {
	struct inode *dp; // the directory that holds the last part: a reference
	struct name name; // the last part; empty if the path is the root itself
	bool slash;       // a slash follows: only a directory may be meant
};
int path_parent(struct inode *cwd, const char *path, struct place *at)
	__must_check;
// Is it . or ..?
bool name_is_dots(const struct name *name);

// Locks dp as a directory, which it need not be.
void dir_lock(struct inode *dp, enum lock_rank rank) __acquires(&dp->lock);
// May names be looked up and made in dp? 0, or -ENOTDIR, -ENOENT (it was
// removed). Holds dp->lock.
int dir_usable(const struct inode *dp) __must_check;
// What dp's entry `name` refers to, with a reference, and (unless s is NULL)
// the entry's place. Holds dp->lock.
int dir_open(struct inode *dp, const struct name *name, struct inode **ip,
	     struct dir_slot *s) __must_check;

// ip has lost a name in dp: counts links, makes it an orphan after the last
// one. Holds dp->lock and ip->lock. Three credits: both inodes, the list of
// orphans.
void name_drop(struct log_op *op, struct inode *dp, struct inode *ip);

// rename.c's lock. Once.
void rename_init(void);
