// Blocks: which are free. The whole bitmap stays in memory, so that taking and
// giving a block needs no disk and no memory.
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

// log_mount's hooks: the commit tells of each page that it writes.
extern const struct log_hooks alloc_log_hooks;
