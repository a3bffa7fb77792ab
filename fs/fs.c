// The mounted file system: the mount, and the thread that writes it back.
#include "fs/fs.h"
#include "abi/errno.h"
#include "fs/alloc.h"
#include "fs/cache.h"
#include "fs/itable.h"
#include "fs/log.h"
#include "fs/replay.h"
#include "kern/printk.h"
#include "lib/string.h"

void
fs_init(void)
{
	cache_init();
	itable_init();
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

// Reads the superblock of d into buf. 0, -EIO, or -EINVAL (no file system of
// ours).
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

// The pages that a mount works in.
struct mount {
	struct superblock *super; // a block with the superblock
	struct log_header *head;
	void *scratch;
};

// Recovers the journal of d. *seq gets the number of its last transaction.
// Returns how many blocks were written home, or an error.
static int
recover_journal(struct blk_disk *d, struct mount *m, uint32_t *seq)
{
	const struct replay_io io = { replay_read, replay_write, replay_flush,
				     d};
	struct superblock sb = *m->super;
	int err, n = replay(&sb, &io, m->head, m->scratch, seq);

	if (n <= 0)
		return n;
	// The transaction may have had a superblock of other sizes in it.
	err = read_super(d, m->super);
	return err ? err : n;
}

// Takes d, whose journal is recovered, as root.
static int
start_on(struct blk_disk *d, const struct superblock *sb, uint32_t seq)
{
	int err;

	fs_disk = d;
	err = log_mount(sb, seq, &alloc_log_hooks);
	if (!err)
		err = alloc_mount(sb);
	if (!err)
		err = itable_mount();
	if (!err)
		err = itable_open_root();
	if (err)
		printk("fs: %s: error %d, no root directory\n", d->name, -err);
	return err;
}

static int
mount_disk(struct blk_disk *d, struct mount *m)
{
	int n, err = read_super(d, m->super);
	uint32_t seq;

	if (err)
		return err;
	n = recover_journal(d, m, &seq);
	if (n < 0)
		return n;
	printk("fs: root on %s: %u blocks, %u inodes", d->name,
	       m->super->blocks, m->super->inodes);
	printk(n ? "; recovered %d blocks of the journal\n" : "\n", n);
	return start_on(d, m->super, seq);
}

static int
try_disk(struct blk_disk *d)
{
	struct mount m = { kalloc(), kalloc(), kalloc() };
	int err = -ENOMEM;

	if (m.super && m.head && m.scratch)
		err = mount_disk(d, &m);
	if (m.super)
		kfree(m.super);
	if (m.head)
		kfree(m.head);
	if (m.scratch)
		kfree(m.scratch);
	return err;
}

int
fs_mount(void)
{
	int failure = -EINVAL;

	if (blk_count() == 0)
		return -ENODEV;
	for (int i = 0; i < blk_count(); i++) {
		int err = try_disk(blk_disk(i));

		if (!err)
			inode_reclaim_orphans();
		// start_on has chosen this disk: no other one is tried.
		if (fs_disk)
			return err;
		if (err != -EINVAL)
			failure = err;
	}
	printk("fs: no disk holds a file system of ours\n");
	return failure;
}

struct inode *
fs_root(void)
{
	return inode_get(itable_root());
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
		// After a failure, operations return it to programs.
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
