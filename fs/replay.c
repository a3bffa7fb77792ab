// Recovery: a transaction is wholly in the journal, or it never happened.
//
// A commit writes the header when all blocks of the transaction are in the
// journal, and empties it when all blocks are home. So a mount finds one of two
// cases. If the header is empty or torn, or does not fit the blocks, nothing
// has happened, or everything was home. If the header fits the blocks, they are
// copied home. They may be home already: to copy them twice does no harm.
#include "fs/replay.h"
#include "abi/errno.h"

uint32_t
replay_sum(uint32_t sum, const void *data, uint bytes)
{
	const uint32_t *w = data;

	// The multiplication makes the order of the words count.
	for (uint i = 0; i < bytes / 4; i++)
		sum = (sum ^ w[i]) * 0x01000193u + (sum >> 15);
	return sum;
}

uint32_t
replay_sum_header(const struct log_header *h)
{
	uint32_t sum = replay_sum(REPLAY_SUM, &h->seq, 2 * sizeof(h->seq));

	return replay_sum(sum, h->home, h->count * sizeof(h->home[0]));
}

// Is the header one of ours, and is every number in it within bounds?
static bool
header_valid(const struct superblock *sb, const struct log_header *h)
{
	if (h->magic != FS_LOG_MAGIC || h->count == 0 ||
	    h->count > sb->log_blocks - 1 || h->count > FS_LOG_MAX)
		return false;
	for (uint i = 0; i < h->count; i++)
		if (!super_is_home(sb, h->home[i]))
			return false;
	return true;
}

// 1 if the blocks behind the header are those that its sum is made of, 0 if
// not, or -EIO.
static int
blocks_match(const struct replay_io *io, const struct log_header *h, void *buf)
{
	uint32_t sum = replay_sum_header(h);

	for (uint i = 0; i < h->count; i++) {
		if (io->read(io->ctx, FS_LOG + 1 + i, buf))
			return -EIO;
		sum = replay_sum(sum, buf, FS_BLOCK);
	}
	return sum == h->sum;
}

static int
copy_home(const struct replay_io *io, const struct log_header *h, void *buf)
{
	for (uint i = 0; i < h->count; i++)
		if (io->read(io->ctx, FS_LOG + 1 + i, buf) ||
		    io->write(io->ctx, h->home[i], buf))
			return -EIO;
	return io->flush(io->ctx);
}

int
replay(const struct superblock *sb, const struct replay_io *io,
       struct log_header *head, void *buf, uint32_t *seq)
{
	int count, r;

	if (io->read(io->ctx, FS_LOG, head))
		return -EIO;
	*seq = head->magic == FS_LOG_MAGIC ? head->seq : 0;
	if (!header_valid(sb, head))
		return 0;
	r = blocks_match(io, head, buf);
	if (r <= 0)
		return r;
	count = head->count;
	if (copy_home(io, head, buf))
		return -EIO;
	head->count = 0;
	if (io->write(io->ctx, FS_LOG, head) || io->flush(io->ctx))
		return -EIO;
	return count;
}
