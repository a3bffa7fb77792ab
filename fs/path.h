// Names. A path is a kernel string. A relative path begins at cwd. Parts of a
// path are cut to NAME_MAX bytes. All functions sleep. All return 0 or -ENOENT,
// -ENOTDIR, -EIO, -ENOMEM, or an error that stands at the function. Those that
// change something may also return -EROFS.
//
// If a path ends in a slash, its last part must be a directory.
#pragma once
#include "fs/inode.h"

// *ip gets the inode with a reference.
int path_find(struct inode *cwd, const char *path, struct inode **ip)
	__must_check;
// Makes a file (T_FILE) or a directory (T_DIR, with . and ..). *ip gets the
// inode with a reference; ip may be NULL. -EEXIST (the name is there), -EISDIR
// (a file, and the path ends in a slash), -ENOSPC, -EMLINK.
int path_create(struct inode *cwd, const char *path, short type,
		struct inode **ip) __must_check;
// The same for a device.
int path_mknod(struct inode *cwd, const char *path, short major, short minor)
	__must_check;
// Gives the file `old` a second name. -EEXIST, -EPERM (a directory), -EMLINK,
// -ENOSPC.
int path_link(struct inode *cwd, const char *old, const char *new) __must_check;
// Removes a name, also of an empty directory. -ENOTEMPTY, -EINVAL (. and ..),
// -EBUSY (the root).
int path_unlink(struct inode *cwd, const char *path) __must_check;
// Renames, and replaces `new` in the same step, as POSIX says. -EINVAL (a
// directory into itself, . and ..), -EISDIR, -ENOTEMPTY, -EBUSY (the root),
// -EMLINK, -ENOSPC.
int path_rename(struct inode *cwd, const char *old, const char *new)
	__must_check;
