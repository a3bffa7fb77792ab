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
// The sum over the header alone, with which the sum begins.
uint32_t replay_sum_header(const struct log_header *h);

// If a complete transaction is in the journal, copies its blocks home and
// empties the journal. Copies nothing unless everything is valid. head and buf
// are two blocks of memory for its use. *seq gets the number of the last
// transaction. Returns how many blocks were copied, or -EIO. Sleeps.
int replay(const struct superblock *sb, const struct replay_io *io,
	   struct log_header *head, void *buf, uint32_t *seq) __must_check;
