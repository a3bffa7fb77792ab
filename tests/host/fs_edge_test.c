// Would catch what only a rare state shows: directories with holes or without
// entries, names that end in a slash, the last free block, a commit of another
// thread at the wrong moment, and damage that the kernel meets while it runs.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_harness.h"

#define BLOCKS 600

static char page_bytes[PGSIZE];
static uchar *fresh;

static struct superblock *
disk_super(void)
{
	return (struct superblock *)(disk_bytes + FS_SUPER * FS_BLOCK);
}

static struct dinode *
disk_dinode(uint num)
{
	return (struct dinode *)(disk_bytes +
				 disk_super()->inode_start * FS_BLOCK) +
	       num;
}

static uint
free_blocks(void)
{
	return nfree_blocks + nresting;
}

// ---- Directories ------------------------------------------------------------

// Catches: a lookup that walks 2 GB of holes.
static int
holes(void *arg)
{
	struct inode *ip;

	(void)arg;
	hd->requests = 0;
	CHECK(fs_mount() == 0);
	CHECK(path_find(NULL, "/nothing", &ip) == -EIO);
	CHECK(path_create(NULL, "/x", T_FILE, NULL) == -EIO);
	CHECK(cache_count() < 50);
	return 0;
}

static void
try_holes(void)
{
	disk_dinode(FS_ROOT)->size = FS_MAXSIZE;
	CHECK(in_machine(900, holes, NULL) == 0);
	// One problem for all holes, none for anything else.
	CHECK(host_fsck(disk_bytes) == 1);
}

// Catches: a directory that keeps the pages of entries that are gone.
static int
shrinking(void *arg)
{
	struct inode *dp;
	char name[16];
	uint before;

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(path_create(NULL, "/d", T_DIR, &dp) == 0);
	CHECK(path_create(NULL, "/f", T_FILE, NULL) == 0);
	before = free_blocks();
	for (uint way = 0; way < 3; way++) {
		for (uint i = 0; i < 1000; i++) {
			sprintf(name, "/d/%u", i);
			CHECK(path_link(NULL, "/f", name) == 0);
		}
		CHECK(dp->size == 1002 * 16 && free_blocks() == before - 3);
		for (uint i = 0; i < 1000; i++) {
			sprintf(name, "/d/%u", way ? 999 - i : i);
			if (way == 2 && i == 999)
				CHECK(path_rename(NULL, name, "/g") == 0);
			else
				CHECK(path_unlink(NULL, name) == 0);
		}
		CHECK(dp->size <= PGSIZE && free_blocks() == before);
		CHECK(way < 2 || path_unlink(NULL, "/g") == 0);
	}
	inode_put(dp);
	CHECK(fs_sync() == 0);
	return 0;
}

// Catches: a slash behind a name that means nothing.
static int
slashes(void *arg)
{
	struct inode *ip;

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(path_create(NULL, "f", T_FILE, NULL) == 0);
	CHECK(path_create(NULL, "d//", T_DIR, NULL) == 0);
	CHECK(path_create(NULL, "new/", T_FILE, NULL) == -EISDIR);
	CHECK(path_mknod(NULL, "new/", 1, 1) == -EISDIR);
	CHECK(path_create(NULL, "f/", T_FILE, NULL) == -EEXIST);
	CHECK(path_link(NULL, "f", "new/") == -ENOTDIR);
	CHECK(path_unlink(NULL, "f/") == -ENOTDIR);
	CHECK(path_unlink(NULL, "f//") == -ENOTDIR);
	CHECK(path_rename(NULL, "f/", "g") == -ENOTDIR);
	CHECK(path_rename(NULL, "f", "g/") == -ENOTDIR);
	CHECK(path_rename(NULL, "f", "f/") == -ENOTDIR);
	CHECK(path_rename(NULL, "missing/", "g") == -ENOENT);
	CHECK(path_rename(NULL, "d/", "e/") == 0);
	CHECK(path_find(NULL, "f", &ip) == 0);
	inode_put(ip);
	CHECK(path_unlink(NULL, "e/") == 0);
	return 0;
}

// ---- Blocks -----------------------------------------------------------------

// Makes a file /fill that leaves `left` blocks of the disk free.
static void
fill_all_but(uint left)
{
	struct inode *ip;

	CHECK(t_open("/fill", &ip) == 0);
	while (nfree_blocks + nresting > left)
		CHECK(t_write(ip, INODE_END, page_bytes, PGSIZE) == PGSIZE);
	inode_put(ip);
	CHECK(fs_sync() == 0);
}

// Catches: a large file that cannot have the disk's last block.
static int
last_block(void *arg)
{
	struct inode *ip;
	uint at = 1200 * PGSIZE;

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(t_open("/large", &ip) == 0);
	CHECK(t_write(ip, at, page_bytes, PGSIZE) == PGSIZE);
	fill_all_but(1);
	CHECK(t_write(ip, at + PGSIZE, page_bytes, PGSIZE) == PGSIZE);
	CHECK(nfree_blocks == 0);
	CHECK(t_write(ip, at + 2 * PGSIZE, page_bytes, PGSIZE) == -ENOSPC);
	return 0;
}

static void
commit_now(void)
{
	CHECK(log_commit(false) == 0);
}

// Catches: "no space" while another thread's commit makes space.
static int
other_commit(void *arg)
{
	struct inode *ip;

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(t_open("/a", &ip) == 0);
	CHECK(t_write(ip, 0, page_bytes, PGSIZE) == PGSIZE);
	fill_all_but(0);
	CHECK(inode_truncate(ip, 0) == 0);
	CHECK(nfree_blocks == 0 && nresting == 1);
	host_after_release(&alloc_lock, 1, commit_now);
	CHECK(t_write(ip, 0, page_bytes, PGSIZE) == PGSIZE);
	return 0;
}

static struct inode *mapped_ip;
static struct page *mapped_pg;

static void
map_page(void)
{
	CHECK(inode_map_page(mapped_ip, 0, &mapped_pg) == 0);
}

// Catches: a program that keeps a page with bytes whose write has failed.
static int
failed_write(void *arg)
{
	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(t_open("/a", &mapped_ip) == 0);
	CHECK(inode_truncate(mapped_ip, 2 * PGSIZE) == 0);
	fill_all_but(0);
	memset(page_bytes, 'x', PGSIZE);
	// Another thread maps the page while the writer looks for space.
	host_after_release(&alloc_lock, 1, map_page);
	CHECK(t_write(mapped_ip, 0, page_bytes, PGSIZE) == -ENOSPC);
	CHECK(mapped_pg && page_owned_by(mapped_pg, mapped_ip, 0));
	CHECK(*(char *)page_va(mapped_pg) == 0);
	return 0;
}

// ---- Damage -----------------------------------------------------------------

static uint printed;

// Catches: a message for each block of two owners, and a file system that goes
// on with a bitmap that is wrong.
static int
freed_twice(void *arg)
{
	struct inode *ip;

	(void)arg;
	CHECK(fs_mount() == 0);
	printed = host_printed;
	CHECK(path_unlink(NULL, "/a") == 0);
	CHECK(path_unlink(NULL, "/b") == 0);
	CHECK(host_printed - printed == 1);
	CHECK(t_open("/c", &ip) == -EROFS);
	return 0;
}

static int
two_files(void *arg)
{
	struct inode *ip;

	(void)arg;
	CHECK(fs_mount() == 0);
	for (uint i = 0; i < 2; i++) {
		CHECK(t_open(i ? "/b" : "/a", &ip) == 0);
		CHECK(t_write(ip, 0, page_bytes, PGSIZE) == PGSIZE);
		CHECK(t_write(ip, PGSIZE, page_bytes, PGSIZE) == PGSIZE);
		inode_put(ip);
	}
	CHECK(fs_sync() == 0);
	return 0;
}

static void
try_freed_twice(void)
{
	CHECK(in_machine(900, two_files, NULL) == 0);
	memcpy(disk_dinode(3)->addrs, disk_dinode(2)->addrs, 8);
	CHECK(in_machine(900, freed_twice, NULL) == 0);
}

static int
mount_fails(void *arg)
{
	(void)arg;
	CHECK(fs_mount() == -EINVAL);
	return 0;
}

// Catches: sizes from before the replay used with a superblock from it.
static void
try_replayed_super(void)
{
	struct log_header *h =
		(struct log_header *)(disk_bytes + FS_LOG * FS_BLOCK);
	uchar *copy = disk_bytes + (FS_LOG + 1) * FS_BLOCK;
	struct superblock *sb = (struct superblock *)copy;

	memcpy(copy, disk_super(), FS_BLOCK);
	sb->blocks += 10;
	super_place(sb);
	CHECK(super_valid(sb));
	*h = (struct log_header){ .magic = FS_LOG_MAGIC, .seq = 1, .count = 1 };
	h->home[0] = FS_SUPER;
	h->sum = replay_sum(replay_sum_header(h), copy, FS_BLOCK);
	CHECK(in_machine(900, mount_fails, NULL) == 0);
}

// Catches: fsck that calls a device with contents clean.
static void
try_device(void)
{
	CHECK(in_machine(900, two_files, NULL) == 0);
	CHECK(host_fsck(disk_bytes) == 0);
	disk_dinode(2)->type = T_DEV;
	CHECK(host_fsck(disk_bytes) == 1);
	memset(disk_dinode(2)->addrs, 0, sizeof(disk_dinode(2)->addrs));
	CHECK(host_fsck(disk_bytes) > 1); // its blocks are nobody's
	disk_dinode(2)->size = 0;
	CHECK(host_fsck(disk_bytes) == 2);
}

static void
one(const char *name, int (*fn)(void *), void (*prepare)(void))
{
	memcpy(disk_bytes, fresh, BLOCKS * FS_BLOCK);
	if (prepare)
		prepare();
	if (fn && (in_machine(900, fn, NULL) || host_fsck(disk_bytes)))
		host_die("%s", name);
}

int
main(void)
{
	host_disk_new(BLOCKS, 0);
	host_mkfs(64, 64);
	fresh = malloc(BLOCKS * FS_BLOCK);
	memcpy(fresh, disk_bytes, BLOCKS * FS_BLOCK);
	one("holes", NULL, try_holes);
	one("shrinking", shrinking, NULL);
	one("slashes", slashes, NULL);
	one("last block", last_block, NULL);
	one("another commit", other_commit, NULL);
	one("failed write", failed_write, NULL);
	one("freed twice", NULL, try_freed_twice);
	one("replayed superblock", NULL, try_replayed_super);
	one("device", NULL, try_device);
	free(fresh);
	return 0;
}
