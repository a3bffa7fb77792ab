// The mounted file system as a whole.
#pragma once
#include "abi/info.h"
#include "fs/inode.h"
#include "lib/types.h"

void fs_init(void); // tables; before any other call

// Finds the first disk whose superblock has our magic and version, recovers its
// journal and takes it as root. 0, -ENODEV (no disk at all), -EINVAL (no disk
// holds our file system), -EIO. Prints what it found. Sleeps.
int fs_mount(void) __must_check;
// The root directory, with a reference.
struct inode *fs_root(void);

// Everything written so far is durable. 0 or -EIO. Sleeps.
int fs_sync(void) __must_check;
// Frees up to n cached frames that nobody uses, cleaning dirty ones if it must.
// Returns how many. Sleeps, holds nothing.
uint fs_reclaim(uint n);
// The body of a kernel thread: commits and writes back every few seconds.
void fs_flusher(void);
// cached, dirty.
void fs_meminfo(struct meminfo *m);
