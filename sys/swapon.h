// swapon: pages may leave memory for a file or a disk.
#pragma once
#include "lib/types.h"

struct inode;

// Turns swap on for ever, on a file or on a disk's node (DEV_DISK).
//   -EBUSY    swap is on; or the disk has a file system or boots a machine
//   -ETXTBSY  the file may be written to: it is open for that, or mapped
//   -EINVAL   too small, a file with a hole, a directory or another device
//   -ENXIO    no such disk
//   -EIO, -ENOMEM
// Afterwards nobody can write to the file or make it shorter, as if it were a
// program that runs. Sleeps.
int swapon(struct inode *ip) __must_check;
