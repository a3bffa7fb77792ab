// The disk with the root file system, and its superblock: fs/fs.c and
// fs/itable.c set them at the mount. fs/cache.c, which stands below the others,
// owns them, so that each file of fs/ can ask where things lie.
#pragma once
#include "dev/blk.h"
#include "fs/layout.h"

// NULL until fs_mount has chosen a disk.
extern struct blk_disk *fs_disk;
// The superblock in its page of the cache, from which the journal writes it.
// [I] but for `orphan`, which belongs to the inode table.
extern struct superblock *fs_super;
