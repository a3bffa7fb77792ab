// The mounted disk and its superblock: fs/fs.c and fs/itable.c set them at the
// mount.
#include "fs/super.h"

struct blk_disk *fs_disk;
struct superblock *fs_super;
