// Names. Paths are kernel strings; relative ones begin at cwd. Name parts are
// cut at NAME_MAX bytes. All sleep; all return 0 or -ENOENT, -ENOTDIR, -EIO,
// -ENOMEM,
// -ENAMETOOLONG or what is named.
#pragma once
#include "fs/inode.h"

// The inode, with a reference.
int path_find(struct inode *cwd, const char *path, struct inode **ip)
	__must_check;
// Makes a file of type T_FILE, T_DIR (with . and ..) or T_DEV (major, minor).
// -EEXIST if the name is there; -ENOSPC; -EMLINK. ip may be NULL.
int path_create(struct inode *cwd, const char *path, short type, short major,
		short minor, struct inode **ip) __must_check;
// A second name for a file. -EEXIST, -EPERM (a directory), -EMLINK, -ENOSPC.
int path_link(struct inode *cwd, const char *old, const char *new) __must_check;
// Takes a name away. -EISDIR never: an empty directory goes too; -ENOTEMPTY,
// -EINVAL (. and ..), -EBUSY (the root).
int path_unlink(struct inode *cwd, const char *path) __must_check;
// POSIX rename: atomically replaces new; -EINVAL (into itself), -EISDIR,
// -ENOTEMPTY, ...
int path_rename(struct inode *cwd, const char *old, const char *new)
	__must_check;
