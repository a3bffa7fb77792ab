// What path.c and rename.c share.
#pragma once
#include "fs/dir.h"

// Where a path leads.
struct place {
	struct inode *dp; // the directory with the last part; a reference
	struct name name; // the last part; empty if the path is the root
	bool slash;       // a slash follows, so the name must be a directory's
};
// Walks path up to its last part. The caller drops at->dp. 0, or as in
// fs/path.h.
int path_parent(struct inode *cwd, const char *path, struct place *at)
	__must_check;
// Is it . or ..?
bool name_is_dots(const struct name *name);

// ip has lost a name in dp: changes the counts of links, and makes ip an orphan
// if this was its last name. Holds dp->lock and ip->lock. Needs three credits:
// for both inodes and for the list of orphans.
void name_drop(struct log_op *op, struct inode *dp, struct inode *ip);
