// Names. Paths are kernel strings; relative ones begin at cwd. Name parts are
// cut at NAME_MAX bytes. All sleep; all return 0 or -ENOENT, -ENOTDIR, -EIO,
// -ENOMEM,
// -ENAMETOOLONG or what is named.
#pragma once
#include "fs/inode.h"

// The inode, with a reference.
int path_find(struct inode *cwd, const char *path, struct inode **ip)
	__must_check;
// Makes a file (T_FILE) or a directory (T_DIR, with . and ..). *ip gets the
// inode with a reference; ip may be NULL. -EEXIST if the name is there,
// -EISDIR (a file's name with a slash behind it), -ENOSPC, -EMLINK.
int path_create(struct inode *cwd, const char *path, short type,
		struct inode **ip) __must_check;
// The same for a device.
int path_mknod(struct inode *cwd, const char *path, short major, short minor)
	__must_check;
// A second name for a file. -EEXIST, -EPERM (a directory), -EMLINK, -ENOSPC.
int path_link(struct inode *cwd, const char *old, const char *new) __must_check;
// Takes a name away. -EISDIR never: an empty directory goes too; -ENOTEMPTY,
// -EINVAL (. and ..), -EBUSY (the root).
int path_unlink(struct inode *cwd, const char *path) __must_check;
// POSIX rename: atomically replaces new; -EINVAL (into itself), -EISDIR,
// -ENOTEMPTY, ...
int path_rename(struct inode *cwd, const char *old, const char *new)
	__must_check;
