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
// Before op_begin take all inode locks that are needed: inside, an operation
// waits only for memory's or the disk's answer, never for another's lock, so
// that the commit's wait for operations under way ends. Do not nest.
#pragma once
#include "fs/layout.h"
#include "kalloc.h"

struct log_op {
	uint credits; // pages that it may still add to the transaction
	uint blocks;  // blocks that it may still take (fs/alloc.c counts)
};

// What the commit tells of each block that it writes: the transaction with it
// freezes; it is home, with that content. The bitmap's owner needs to know.
struct log_hooks {
	void (*frozen)(uint block);
	void (*installed)(uint block, const void *content);
};

// Starts behind a replay, whose last transaction was seq. 0, -ENOMEM.
int log_mount(const struct superblock *sb, uint32_t seq,
	      const struct log_hooks *hooks) __must_check;

// Only op_begin and op_end call these two. 0, or -EROFS once a commit has
// failed. Sleeps only while a commit freezes, or if the journal is full: then
// it commits.
int log_begin(struct log_op *op, uint credits) __must_check;
void log_end(struct log_op *op);
// pg (metadata with its block known) is part of the operation. Call before or
// after changing it, but before log_end. Any spinlock below RANK_LOGSTATE may
// be held.
void log_write(struct log_op *op, struct page *pg);

// All that was done before is on disk and, if durable, flushed. 0 or -EIO.
// Holds no open operation. Sleeps.
int log_commit(bool durable) __must_check;
bool log_failed(void);
// The file system is damaged, or its disk is: no transaction happens any more.
// Says why on the console.
void log_stop(const char *why);

// The number of the running transaction. Numbers grow by one and wrap around.
uint32_t log_running(void);
// Transaction `number`, which was the running one, has happened: no crash takes
// it back. Commits if need be. 0 or -EIO. Holds no open operation. Sleeps.
int log_reach(uint32_t number) __must_check;

// Sleeps until a commit is due: some seconds have passed, or log_hurry.
void log_wait_due(void);
void log_hurry(void);
