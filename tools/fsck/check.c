// The check of an image, from the superblock on.
//
// The journal is recovered first, as a mount would do it, by the kernel's own
// code. Then the blocks of every inode, the entries of every directory, the
// counts of links and the bitmap are compared with each other. A file that lost
// its names while it was open is no problem: the next mount frees it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/replay.h"
#include "tools/fsck/fsck.h"

#define MAX_ROUNDS 200 // to mend; some damages appear one after the other

// ---- The journal ------------------------------------------------------------

static int
mem_read(void *ctx, uint block, void *buf)
{
	struct fsck *f = ctx;

	if (block >= f->nblocks)
		return -EIO;
	memcpy(buf, fsck_block(f, block), FS_BLOCK);
	return 0;
}

static int
mem_write(void *ctx, uint block, const void *buf)
{
	struct fsck *f = ctx;

	if (block >= f->nblocks)
		return -EIO;
	memcpy(fsck_block(f, block), buf, FS_BLOCK);
	return 0;
}

static int
mem_flush(void *ctx)
{
	(void)ctx;
	return 0;
}

// The sizes cannot be mended. But perhaps only the number of the first orphan
// is wrong.
static void
mend_super(struct fsck *f)
{
	struct superblock without = f->sb;

	without.orphan = 0;
	if (super_valid(&without))
		fsck_cut_orphans(f);
}

static bool
check_super(struct fsck *f)
{
	const struct superblock *sb = &f->sb;

	if (f->nblocks <= FS_SUPER) {
		fsck_problem(f,
			     "the image has %u blocks: there is no superblock",
			     f->nblocks);
		return false;
	}
	memcpy(&f->sb, fsck_block(f, FS_SUPER), sizeof(f->sb));
	if (sb->magic != FS_MAGIC)
		fsck_problem(f,
			     "superblock: the magic number is %#x, not %#x: "
			     "this is no file system of ours",
			     sb->magic, FS_MAGIC);
	else if (sb->version != FS_VERSION)
		fsck_problem(f, "superblock: version %u, not %u", sb->version,
			     FS_VERSION);
	else if (!super_valid(sb) &&
		 fsck_problem(f, "superblock: its sizes contradict each other"))
		mend_super(f);
	if (super_valid(sb) && sb->blocks > f->nblocks)
		fsck_problem(f,
			     "superblock: %u blocks, but the image has only %u",
			     sb->blocks, f->nblocks);
	return super_valid(sb) && sb->blocks <= f->nblocks;
}

static bool
recover_image(struct fsck *f)
{
	const struct replay_io io = { mem_read, mem_write, mem_flush, f };
	struct superblock sb = f->sb;
	static struct log_header head;
	static uchar buf[FS_BLOCK];
	uint32_t seq;
	int n = replay(&sb, &io, &head, buf, &seq);

	if (n < 0) {
		fsck_problem(f, "journal: it cannot be read");
		return false;
	}
	if (n > 0 && !f->quiet)
		printf("journal: transaction %u recovered, %d blocks\n", seq,
		       n);
	// The transaction may have brought another superblock.
	return check_super(f);
}

// ---- All of it --------------------------------------------------------------

static void *
zeros_of(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p) {
		fprintf(stderr, "fsck: out of memory\n");
		exit(2);
	}
	return p;
}

static void
check_all(struct fsck *f)
{
	f->owner = zeros_of(f->sb.blocks, sizeof(*f->owner));
	f->orphan = zeros_of(FS_MAXINODES, sizeof(*f->orphan));
	f->names = zeros_of(FS_MAXINODES, sizeof(*f->names));
	f->subdirs = zeros_of(FS_MAXINODES, sizeof(*f->subdirs));
	f->parent = zeros_of(FS_MAXINODES, sizeof(*f->parent));
	fsck_orphans(f);
	fsck_inodes(f);
	fsck_copy_twice(f);
	fsck_tree(f);
	fsck_bitmap(f);
	free(f->owner);
	free(f->orphan);
	free(f->names);
	free(f->subdirs);
	free(f->parent);
}

static uint
check_round(struct fsck *f)
{
	f->problems = 0;
	f->next_free = 0;
	if (check_super(f) && recover_image(f))
		check_all(f);
	return f->problems;
}

uint
fsck_image(struct fsck *f, void *bytes, uint n)
{
	*f = (struct fsck){ .image = bytes, .nblocks = n };
	return check_round(f);
}

uint
fsck_mend(struct fsck *f, void *bytes, uint n, uint *first)
{
	*f = (struct fsck){ .image = bytes, .nblocks = n, .mend = true };
	*first = check_round(f);
	f->quiet = true;
	for (uint i = 0; i < MAX_ROUNDS && f->problems; i++)
		check_round(f);
	f->mend = f->quiet = false;
	return f->problems ? check_round(f) : 0;
}
