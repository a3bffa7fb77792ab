// Opening an image: the superblock and the journal.
#include <string.h>

#include "fs/replay.h"
#include "tools/fsput/image.h"

static int
read_block(void *ctx, uint b, void *buf)
{
	memcpy(buf, image_block(ctx, b), FS_BLOCK);
	return 0;
}

static int
write_block(void *ctx, uint b, const void *buf)
{
	memcpy(image_block(ctx, b), buf, FS_BLOCK);
	return 0;
}

static int
flush_nothing(void *ctx)
{
	(void)ctx;
	return 0;
}

static void
check_super(const struct image *im)
{
	if (im->nblocks <= FS_SUPER || !super_valid(im->sb) ||
	    im->sb->blocks > im->nblocks)
		die("%s holds no file system of ours (`make newdisk` makes "
		    "one)",
		    im->path);
}

static void
recover(struct image *im)
{
	const struct replay_io io = { read_block, write_block, flush_nothing,
				     im};
	static struct log_header head;
	static uchar buf[FS_BLOCK];
	uint32_t seq;
	int n = replay(im->sb, &io, &head, buf, &seq);

	if (n < 0)
		die("%s: the journal cannot be read", im->path);
	im->changed = n > 0;
	check_super(im);
}

void
image_open(struct image *im, const char *path)
{
	disk_open(&im->disk, path);
	im->path = path;
	im->nblocks = (uint)(im->disk.size / FS_BLOCK);
	im->sb = (struct superblock *)(im->disk.bytes + FS_SUPER * FS_BLOCK);
	check_super(im);
	recover(im);
}

void
image_save(struct image *im, const char *fsck)
{
	if (im->changed)
		disk_save(&im->disk, fsck);
}
