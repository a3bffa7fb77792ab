// The mounted file system: finding it, and the thread that writes it back.
#include "fs/fs.h"
#include "abi/errno.h"
#include "fs/alloc.h"
#include "fs/cache.h"
#include "fs/itable.h"
#include "fs/log.h"
#include "fs/names.h"
#include "fs/replay.h"
#include "kern/printk.h"
#include "lib/string.h"

static struct inode *root;

void
fs_init(void)
{
	cache_init();
	itable_init();
	rename_init();
}

// ---- Mounting ---------------------------------------------------------------

static int
replay_read(void *ctx, uint block, void *buf)
{
	return blk_read(ctx, block, buf);
}

static int
replay_write(void *ctx, uint block, const void *buf)
{
	return blk_write(ctx, block, buf);
}

static int
replay_flush(void *ctx)
{
	return blk_flush(ctx);
}

// Reads the superblock of d. 0, -EINVAL (it is none of ours), -EIO.
static int
read_super(struct blk_disk *d, void *buf)
{
	const struct superblock *sb = buf;

	if (d->blocks <= FS_SUPER)
		return -EINVAL;
	if (blk_read(d, FS_SUPER, buf)) {
		printk("fs: %s: the superblock cannot be read\n", d->name);
		return -EIO;
	}
	if (sb->magic != FS_MAGIC)
		return -EINVAL;
	if (sb->version != FS_VERSION || !super_valid(sb)) {
		printk("fs: %s: version %u, not %u, or a damaged superblock\n",
		       d->name, sb->version, FS_VERSION);
		return -EINVAL;
	}
	if (sb->blocks > d->blocks) {
		printk("fs: %s: %u blocks of %u are missing\n", d->name,
		       sb->blocks - d->blocks, sb->blocks);
		return -EINVAL;
	}
	return 0;
}

// Recovers the journal of d and starts on it. buf holds the superblock.
static int
start_on(struct blk_disk *d, void *buf, struct log_header *head, void *scratch)
{
	const struct replay_io io = { replay_read, replay_write, replay_flush,
				     d};
	struct superblock sb = *(struct superblock *)buf;
	uint32_t seq;
	int r = replay(&sb, &io, head, scratch, &seq), err;

	if (r < 0)
		return r;
	// What was replayed may be a superblock of other sizes.
	err = r > 0 ? read_super(d, buf) : 0;
	if (err)
		return err;
	sb = *(struct superblock *)buf;
	printk("fs: root on %s: %u blocks, %u inodes", d->name, sb.blocks,
	       sb.inodes);
	printk(r ? "; recovered %d blocks of the journal\n" : "\n", r);
	fs_disk = d;
	r = log_mount(&sb, seq);
	if (r == 0)
		r = alloc_mount(&sb);
	if (r == 0)
		r = itable_mount();
	if (r == 0)
		r = itable_open(FS_ROOT, &root);
	if (r == 0 && root->type != T_DIR)
		r = -EIO;
	if (r)
		printk("fs: %s: error %d, no root directory\n", d->name, -r);
	return r;
}

static int
try_disk(struct blk_disk *d)
{
	void *buf = kalloc(), *head = kalloc(), *scratch = kalloc();
	int r = -ENOMEM;

	if (buf && head && scratch)
		r = read_super(d, buf);
	if (buf && head && scratch && r == 0)
		r = start_on(d, buf, head, scratch);
	if (buf)
		kfree(buf);
	if (head)
		kfree(head);
	if (scratch)
		kfree(scratch);
	return r;
}

int
fs_mount(void)
{
	int r = -EINVAL;

	if (blk_count() == 0)
		return -ENODEV;
	for (int i = 0; i < blk_count(); i++) {
		int err = try_disk(blk_disk(i));

		if (err == 0) {
			itable_reclaim_orphans();
			return 0;
		}
		// A disk that was chosen and then failed is the answer.
		if (fs_disk)
			return err;
		if (err != -EINVAL)
			r = err;
	}
	printk("fs: no disk holds a file system of ours\n");
	return r;
}

struct inode *
fs_root(void)
{
	return inode_get(root);
}

// ---- Writing back ----------------------------------------------------------

int
fs_sync(void)
{
	return log_commit(true);
}

void
fs_flusher(void)
{
	for (;;) {
		log_wait_due();
		// A failure has printed its message and is the callers' to see.
		if (!log_failed() && log_commit(false))
			continue;
	}
}

void
fs_meminfo(struct meminfo *m)
{
	m->cached = cache_count();
	m->dirty = cache_dirty_count();
}
