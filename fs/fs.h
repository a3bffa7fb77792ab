// The mounted file system as a whole.
#pragma once
#include "abi/info.h"
#include "fs/inode.h"
#include "lib/types.h"

// Makes the tables. Before any other call.
void fs_init(void);

// Finds the first disk whose superblock has our magic and version, recovers its
// journal and takes it as root. 0, -ENODEV (no disk at all), -EINVAL (no disk
// holds our file system), -EIO. Prints what it found. Sleeps.
int fs_mount(void) __must_check;
// The root directory, with a reference.
struct inode *fs_root(void);

// Makes everything durable that was written so far. 0 or -EIO. Sleeps.
int fs_sync(void) __must_check;
// Frees up to n frames of the cache that nobody uses. Commits if it must.
// Returns how many. Holds nothing but pageout's lock. Sleeps.
uint fs_reclaim(uint n);
// The body of a kernel thread: commits and writes back every few seconds.
void fs_flusher(void);
// Fills in m->cached and m->dirty.
void fs_meminfo(struct meminfo *m);
