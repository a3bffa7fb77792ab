// Recovery of the journal, for the kernel's mount and the host's fsck alike.
#pragma once
#include "fs/layout.h"

// How to reach the disk. Each returns 0 or -EIO.
struct replay_io {
	int (*read)(void *ctx, uint block, void *buf);
	int (*write)(void *ctx, uint block, const void *buf);
	int (*flush)(void *ctx);
	void *ctx;
};

// The checksum of the journal: start with REPLAY_SUM, go on with the result.
// bytes is a multiple of 4.
#define REPLAY_SUM 0x811C9DC5u
uint32_t replay_sum(uint32_t sum, const void *data, uint bytes);
// The part of the sum that the header itself accounts for.
uint32_t replay_sum_header(const struct log_header *h);

// Finishes the transaction that stands complete in the journal, if one does,
// and empties the journal. head and buf are two blocks of memory for its use;
// *seq gets the sequence number of the last transaction. Returns how many
// blocks were copied home, or -EIO. Nothing is copied unless all of it is
// valid. Sleeps.
int replay(const struct superblock *sb, const struct replay_io *io,
	   struct log_header *head, void *buf, uint32_t *seq) __must_check;
