// Catches: an operation that does half of its work when the disk or memory
// fails, that loses a lock or a reference on this way, or that panics. Every
// allocation and every request to the disk of a workload fails in turn.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_harness.h"

#define BLOCKS 1500

static char bytes[200000];

static bool
world(int r)
{
	return r == -EIO || r == -ENOMEM || r == -EROFS;
}

// Writes to ip in two far places, cuts it, and reads it.
static void
work_on_bytes(struct inode *ip)
{
	struct page *pg;
	int r = t_write(ip, 0, bytes, 90000);

	CHECK(r > 0 || world(r));
	r = t_write(ip, 5000000, bytes, 6000);
	CHECK(r > 0 || world(r));
	r = inode_truncate(ip, 70001);
	CHECK(!r || world(r));
	r = inode_truncate(ip, 5000001);
	CHECK(!r || world(r));
	r = t_read(ip, 60000, bytes + 100000, 50000);
	CHECK(r >= 0 || world(r));
	r = inode_map_page(ip, 20, &pg);
	if (!r) {
		r = inode_page_writable(ip, pg);
		CHECK(!r || world(r));
		page_put(pg);
	}
}

// Works on a file, moves it and removes its name while it is open.
static void
work_on_file(void)
{
	struct inode *ip;
	int r;

	if (t_open("/a/b/f", &ip))
		return;
	work_on_bytes(ip);
	r = path_rename(NULL, "/a/b/f", "/c/g");
	CHECK(!r || r == -ENOENT || world(r));
	r = path_unlink(NULL, "/c/g");
	CHECK(!r || r == -ENOENT || world(r));
	inode_put(ip);
}

// Moves a directory, gives a file a second name, and removes a directory.
static void
work_on_names(void)
{
	struct inode *ip;
	int r = path_rename(NULL, "/a/b", "/c/b2");

	CHECK(!r || r == -ENOTEMPTY || r == -ENOENT || world(r));
	if (!t_open("/c/b2/x", &ip)) {
		r = path_link(NULL, "/c/b2/x", "/y");
		CHECK(!r || r == -EEXIST || world(r));
		inode_put(ip);
	}
	r = path_unlink(NULL, "/a");
	CHECK(!r || r == -ENOENT || r == -ENOTEMPTY || world(r));
}

// A bit of everything. Any step may fail, but only with an error of the world.
static void
workload(void)
{
	static const char *const dirs[] = { "/a", "/a/b", "/c" };
	int r;

	for (uint i = 0; i < countof(dirs); i++) {
		r = path_create(NULL, dirs[i], T_DIR, NULL);
		CHECK(!r || r == -EEXIST || r == -ENOENT || world(r));
	}
	work_on_file();
	CHECK(!host_mutexes && !host_spins);
	work_on_names();
	r = fs_sync();
	CHECK(!r || world(r));
	fs_reclaim(1000);
	CHECK(!host_mutexes && !host_spins);
}

// Fails unless all references to inodes are put and all frames outside of the
// cache are free.
static void
check_counts(void)
{
	for (uint i = 0; i < NBUCKETS; i++)
		list_for_each (ip, &itable[i], struct inode, link)
			if (ip->refs != (ip == root_dir))
				host_die("inode %u has %d references", ip->num,
					 ip->refs);
	CHECK(!nopen && !promised && !closed);
}

struct plan {
	uint alloc_at, alloc_to; // which allocations fail
	uint disk_at, disk_to;   // which requests to the disk
	uint allocs, requests;   // out: how many there were
};

static int
faulty(void *arg)
{
	struct plan *p = arg;

	CHECK(fs_mount() == 0);
	host_allocs = 0;
	hd->requests = 0;
	host_fail_at = p->alloc_at;
	host_fail_to = p->alloc_to;
	disk_fail_at = p->disk_at;
	disk_fail_to = p->disk_to;
	workload();
	check_counts();
	workload();
	p->allocs = host_allocs;
	p->requests = hd->requests;
	host_fail_at = disk_fail_at = 0;
	if (!log_failed()) {
		workload(); // the failures are over: nothing stays broken
		CHECK(t_open("/ok", &(struct inode *){ NULL }) == 0);
		CHECK(fs_sync() == 0);
	} else {
		CHECK(fs_sync() == -EIO);
	}
	return 0;
}

static uchar *fresh;

static void
run(struct plan *p)
{
	int r;

	memcpy(disk_bytes, fresh, BLOCKS * FS_BLOCK);
	r = in_machine(900, faulty, p);
	if (r || host_fsck(disk_bytes))
		host_die("allocations [%u, %u), requests [%u, %u): %d",
			 p->alloc_at, p->alloc_to, p->disk_at, p->disk_to, r);
}

static void
fail_each(struct plan *p)
{
	uint allocs, requests;

	run(p);
	allocs = p->allocs;
	requests = p->requests;
	CHECK(allocs > 50 && requests > 20);
	for (uint k = 1; k <= allocs; k++) {
		*p = (struct plan){ .alloc_at = k, .alloc_to = k + 1 };
		run(p);
		*p = (struct plan){ .alloc_at = k, .alloc_to = k + 6 };
		run(p);
	}
	for (uint k = 1; k <= requests; k++) {
		*p = (struct plan){ .disk_at = k, .disk_to = k + 1 };
		run(p);
		*p = (struct plan){ .disk_at = k };
		run(p);
	}
}

// ---- Removed directories ----------------------------------------------------

// A removed directory that is somebody's current one.
static int
removed(void *arg)
{
	struct inode *b, *ip;

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(path_create(NULL, "/a", T_DIR, NULL) == 0);
	CHECK(path_create(NULL, "a/b", T_DIR, &b) == 0);
	CHECK(path_unlink(NULL, "/a") == -ENOTEMPTY);
	CHECK(path_unlink(NULL, "/a/b") == 0 && path_unlink(NULL, "/a/") == 0);
	CHECK(path_find(b, "../x", &ip) == -ENOENT);
	CHECK(path_find(b, "..", &ip) == -ENOENT);
	CHECK(path_create(b, "x", T_FILE, &ip) == -ENOENT);
	CHECK(path_rename(b, "/README", "x") == -ENOENT);
	inode_put(b);
	CHECK(path_find(NULL, "", &ip) == -ENOENT);
	CHECK(path_create(NULL, "", T_FILE, &ip) == -ENOENT);
	CHECK(path_create(NULL, "/", T_DIR, &ip) == -EEXIST);
	CHECK(path_unlink(NULL, "/") == -EBUSY);
	CHECK(path_unlink(NULL, "/.") == -EINVAL);
	CHECK(path_create(NULL, "f", T_FILE, NULL) == 0);
	CHECK(path_find(NULL, "f/", &ip) == -ENOTDIR);
	CHECK(path_find(NULL, "f/x", &ip) == -ENOTDIR);
	CHECK(path_create(NULL, "f/x", T_FILE, &ip) == -ENOTDIR);
	CHECK(path_create(NULL, "abcdefghijklmnopq", T_FILE, NULL) == 0);
	CHECK(path_create(NULL, "abcdefghijklmnXYZ", T_FILE, NULL) == -EEXIST);
	check_counts();
	return 0;
}

int
main(void)
{
	struct plan *p = host_shared(sizeof(*p));
	int status;

	host_disk_new(BLOCKS, 0);
	host_mkfs(128, 64);
	fresh = malloc(BLOCKS * FS_BLOCK);
	memcpy(fresh, disk_bytes, BLOCKS * FS_BLOCK);
	status = in_machine(900, removed, NULL);
	if (status || host_fsck(disk_bytes))
		host_die("removed directories: %d", status);
	fail_each(p);
	return 0;
}
