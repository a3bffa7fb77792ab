// The journal: operations on metadata happen wholly or not at all.
//
// An operation says beforehand how many pages of metadata it may change and how
// many blocks it may take, so that neither can run out while it is half done:
//
//	err = op_begin(&op, credits, blocks);		(fs/alloc.h)
//	...change pages, log_write each...
//	op_end(&op);
//
// Many operations form a transaction; commits write it to the journal, then
// home:
//
//	running --freeze--> frozen: copies of its pages. New operations go on.
//	        1. dirty file data          2. copies -> journal     FLUSH
//	        3. header (the commit)                               FLUSH
//	        4. copies -> home                                    FLUSH
//	        5. empty header; its freed blocks may be given out again
//
// The empty header needs no flush of its own. Until it arrives, the old header
// may still fit its blocks: then a replay copies them home again. That does no
// harm, because nobody has written there since: the next transaction writes
// home behind its own header, and a block that it frees is no file's before it
// is home. Or the next transaction has begun to overwrite the blocks: then the
// old header's sum is wrong, and there is nothing to replay.
//
// Take all inode locks that are needed before op_begin. An operation waits for
// the disk only, never for a lock of somebody else. So a commit, which waits
// for all operations, waits for a short time. Operations do not nest.
#pragma once
#include "fs/layout.h"
#include "kalloc.h"

struct log_op {
	uint credits; // pages that it may still add to the transaction
	uint blocks;  // blocks that it may still take (fs/alloc.c counts)
};

// The commit calls these for each block that it writes: when the transaction
// freezes; when the block is home, with that content. fs/alloc.c needs them.
struct log_hooks {
	void (*frozen)(uint block);
	void (*installed)(uint block, const void *content);
};

// Starts the journal after a replay, whose last transaction was seq. 0 or
// -ENOMEM.
int log_mount(const struct superblock *sb, uint32_t seq,
	      const struct log_hooks *hooks) __must_check;

// Only op_begin and op_end call these two. 0, or -EROFS once a commit has
// failed. Sleeps while a commit freezes; commits if the journal is full.
int log_begin(struct log_op *op, uint credits) __must_check;
void log_end(struct log_op *op);
// Makes pg, metadata with a block, part of the operation. Call it before or
// after the page is changed, but before op_end. The caller may hold spinlocks
// below RANK_LOGSTATE.
void log_write(struct log_op *op, struct page *pg);

// Writes everything that was done before to the disk; if durable, also flushes
// the disk. 0 or -EIO. The caller has no operation open. Sleeps.
int log_commit(bool durable) __must_check;
bool log_failed(void);
// Stops all transactions, because the file system or its disk is damaged. Says
// why on the console.
void log_stop(const char *why);

// The number of the running transaction. Numbers grow by one and wrap around.
uint32_t log_running(void);
// Makes sure that no crash can undo transaction `number`, which was the running
// one. Commits if that is needed. 0 or -EIO. The caller has no operation open.
// Sleeps.
int log_reach(uint32_t number) __must_check;

// Sleeps until a commit is due: some seconds have passed, or log_hurry.
void log_wait_due(void);
void log_hurry(void);
