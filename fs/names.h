// What path.c and rename.c share, and nobody else.
#pragma once
#include "fs/dir.h"

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

// ip has lost a name in dp: counts links, makes it an orphan after the last
// one. Holds dp->lock and ip->lock. Three credits: both inodes, the list of
// orphans.
void name_drop(struct log_op *op, struct inode *dp, struct inode *ip);
