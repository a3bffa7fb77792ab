// Blocks: which are free. The whole bitmap stays in memory, so that taking and
// giving a block needs no disk and no memory.
//
// A block may be taken if its bit is 0 in two bitmaps: `now`, the pages that
// the journal writes, and `kept`, which remembers what transactions that are
// not yet home still use. So a freed block rests until the transaction that
// freed it is installed; before that, a crash would bring its old owner back.
#pragma once
#include "fs/layout.h"
#include "fs/log.h"

// Reads the bitmap. 0, -EIO, -ENOMEM. Sleeps.
int alloc_mount(const struct superblock *sb) __must_check;

// Sets n blocks aside / puts them back. 0, -ENOSPC, or -EAGAIN: a commit makes
// some more free.
int alloc_reserve(uint n) __must_check;
void alloc_unreserve(uint n);

// Takes a block that op has reserved, at `near` or soon behind it (0:
// anywhere). Cannot fail. Costs op a credit at most.
uint alloc_block(struct log_op *op, uint near);
// Undoes that, within the same operation.
void alloc_undo(struct log_op *op, uint block);
// Gives a block back. Its page must have left the cache before (cache_cut): if
// it is metadata of the running transaction, the commit would overwrite what a
// new owner writes there. A block that is free already has two owners on a
// damaged disk: the file system becomes read-only.
void alloc_free(struct log_op *op, uint block);

// From the commit, for each page: its transaction freezes / is home.
void alloc_frozen(uint block);
void alloc_installed(uint block, const void *content);
