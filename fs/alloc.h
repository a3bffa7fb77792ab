// Which blocks are free. The whole bitmap stays in memory. So to take or to
// free a block needs neither the disk nor more memory, and cannot fail.
//
// A block may be taken if its bit is 0 in two bitmaps: `bitmap`, the pages that
// the journal writes, and `unusable`, which remembers what the transactions
// that are not yet home still use. So a freed block rests until the transaction
// that freed it is home. Before that, a crash would bring its old owner back.
#pragma once
#include "fs/layout.h"
#include "fs/log.h"

// Reads the bitmap. 0, -EIO, -ENOMEM. Sleeps.
int alloc_mount(const struct superblock *sb) __must_check;

// Begins an operation (see fs/log.h) that may add `credits` pages to the
// transaction and take `blocks` blocks. 0, -ENOSPC, or -EROFS once a commit has
// failed. Sleeps while a commit freezes; commits if that makes room in the
// journal or blocks free.
int op_begin(struct log_op *op, uint credits, uint blocks) __must_check;
// Ends it. Blocks that it did not take are free for others.
void op_end(struct log_op *op);

// Takes one of the blocks that op has reserved: `near`, or the next free block
// behind it. near 0 means anywhere. Cannot fail. Needs a credit at most.
uint alloc_block(struct log_op *op, uint near);
// Undoes alloc_block, within the same operation.
void alloc_undo(struct log_op *op, uint block);
// Frees a block. Its page must have left the cache before (cache_cut). If the
// page were part of the running transaction, the commit would overwrite what a
// new owner writes to the block. If the block is free already, the disk is
// damaged: two files have the block. Then the file system becomes read-only.
void alloc_free(struct log_op *op, uint block);

// The hooks for log_mount, through which the commit tells of pages that it
// writes.
extern const struct log_hooks alloc_log_hooks;
