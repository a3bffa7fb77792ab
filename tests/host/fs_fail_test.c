// Would catch an operation that does half of its work when the disk or memory
// fails, loses a lock or a reference on that way, or panics: every allocation
// and every request to the disk of a workload fails in turn; the disk fills up;
// files grow to the last byte.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_harness.h"

#define BLOCKS 1500

static char bytes[200000];

static bool
world(int r)
{
	return r == -EIO || r == -ENOMEM || r == -EROFS;
}

// A bit of everything; errors are fine, but only those of the world.
static void
workload(void)
{
	static const char *const dirs[] = { "/a", "/a/b", "/c" };
	struct inode *ip;
	struct page *pg;
	int r;

	for (uint i = 0; i < countof(dirs); i++) {
		r = path_create(NULL, dirs[i], T_DIR, 0, 0, NULL);
		CHECK(r == 0 || r == -EEXIST || r == -ENOENT || world(r));
	}
	r = t_open("/a/b/f", &ip);
	if (r == 0) {
		r = t_write(ip, 0, bytes, 90000);
		CHECK(r > 0 || world(r));
		r = t_write(ip, 5000000, bytes, 6000);
		CHECK(r > 0 || world(r));
		r = inode_truncate(ip, 70001);
		CHECK(r == 0 || world(r));
		r = inode_truncate(ip, 5000001);
		CHECK(r == 0 || world(r));
		r = t_read(ip, 60000, bytes + 100000, 50000);
		CHECK(r >= 0 || world(r));
		r = inode_map_page(ip, 20, &pg);
		if (r == 0) {
			r = inode_page_writable(ip, pg);
			CHECK(r == 0 || world(r));
			page_put(pg);
		}
		r = path_rename(NULL, "/a/b/f", "/c/g");
		CHECK(r == 0 || r == -ENOENT || world(r));
		r = path_unlink(NULL, "/c/g");
		CHECK(r == 0 || r == -ENOENT || world(r));
		inode_put(ip);
	}
	CHECK(!host_mutexes && !host_spins);
	r = path_rename(NULL, "/a/b", "/c/b2");
	if (r == -ENOTEMPTY)
		r = 0;
	CHECK(r == 0 || r == -ENOENT || world(r));
	r = t_open("/c/b2/x", &ip);
	if (r == 0) {
		r = path_link(NULL, "/c/b2/x", "/y");
		CHECK(r == 0 || r == -EEXIST || world(r));
		inode_put(ip);
	}
	r = path_unlink(NULL, "/a");
	CHECK(r == 0 || r == -ENOENT || r == -ENOTEMPTY || world(r));
	r = fs_sync();
	CHECK(r == 0 || world(r));
	fs_reclaim(1000);
	CHECK(!host_mutexes && !host_spins);
}

// Each inode's references are back; what is not in the cache is free.
static void
check_counts(void)
{
	for (uint i = 0; i < NBUCKETS; i++)
		list_for_each (ip, &itable[i], struct inode, link)
			if (ip->refs != (ip == root))
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
		workload(); // nothing stays broken
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

// ---- A full disk ------------------------------------------------------------

static int
fill_up(void *arg)
{
	struct inode *ip;
	char name[16];
	uint files = 0, before, r = 0;

	(void)arg;
	CHECK(fs_mount() == 0);
	before = nfree;
	for (int round = 0; round < 3; round++) {
		CHECK(t_open("/big", &ip) == 0);
		do
			r = (uint)t_write(ip, INODE_END, bytes, sizeof(bytes));
		while ((int)r == sizeof(bytes));
		CHECK((int)r > 0 || (int)r == -ENOSPC);
		CHECK(nfree + npending <= 2);
		for (uint i = 0; i < 3; i++) {
			sprintf(name, "/dir%u", i);
			r = (uint)path_create(NULL, name, T_DIR, 0, 0, NULL);
		}
		CHECK((int)r == -ENOSPC);
		while (path_unlink(NULL, "/dir0") == 0 ||
		       path_unlink(NULL, "/dir1") == 0)
			;
		inode_put(ip);
		CHECK(path_unlink(NULL, "/big") == 0);
		// Freed, but not yet home: waiting for it is the writer's task.
		CHECK(t_open("/other", &ip) == 0);
		CHECK(t_write(ip, 0, bytes, sizeof(bytes)) == sizeof(bytes));
		inode_put(ip);
		CHECK(path_unlink(NULL, "/other") == 0);
	}
	for (;; files++) {
		sprintf(name, "/i%u", files);
		r = (uint)path_create(NULL, name, T_FILE, 0, 0, NULL);
		if (r)
			break;
	}
	CHECK((int)r == -ENOSPC && files == 128 - 2);
	while (files--) {
		sprintf(name, "/i%u", files);
		CHECK(path_unlink(NULL, name) == 0);
	}
	CHECK(fs_sync() == 0);
	CHECK(nfree == before && npending == 0);
	return 0;
}

// ---- Large offsets and ends -------------------------------------------------

// Blocks of ip that are not 0.
static int
far_out(void *arg)
{
	static const uint at[] = {0,
				  11 * 4096 - 1,
				  11 * 4096,
				  1034 * 4096,
				  1035 * 4096 - 1,
				  1035 * 4096,
				  2059 * 4096,
				  1u << 30,
				  0x7FFFE000,
				  FS_MAXSIZE - 1};
	struct inode *ip;
	uint off, before;
	char c;

	(void)arg;
	CHECK(fs_mount() == 0);
	before = nfree;
	CHECK(t_open("/f", &ip) == 0);
	for (uint i = 0; i < countof(at); i++) {
		off = at[i];
		c = (char)(i + 1);
		CHECK(inode_write(ip, &off, &c, 1) == 1);
	}
	CHECK(ip->size == FS_MAXSIZE);
	off = FS_MAXSIZE;
	CHECK(inode_write(ip, &off, &c, 1) == -EFBIG);
	off = INODE_END;
	CHECK(inode_write(ip, &off, &c, 1) == -EFBIG);
	CHECK(inode_truncate(ip, FS_MAXSIZE + 1) == -EFBIG);
	CHECK(fs_sync() == 0);
	CHECK(fs_reclaim(10000) > 0);
	for (uint i = 0; i < countof(at); i++) {
		CHECK(t_read(ip, at[i], &c, 1) == 1 && c == (char)(i + 1));
		if (at[i] && i != 2 && i != 5)
			CHECK(t_read(ip, at[i] - 1, &c, 1) == 1 && c == 0);
	}
	CHECK(t_read(ip, 500000000, bytes, 10000) == 10000);
	for (uint i = 0; i < 10000; i++)
		CHECK(bytes[i] == 0);
	// Cut it from the end, a piece at a time; what is below stays.
	for (uint i = countof(at); i-- > 1;) {
		CHECK(inode_truncate(ip, at[i] + 1) == 0);
		CHECK(t_read(ip, at[i], &c, 1) == 1 && c == (char)(i + 1));
		CHECK(inode_truncate(ip, at[i]) == 0);
		CHECK(t_read(ip, at[i], &c, 1) == 0);
	}
	CHECK(inode_truncate(ip, 0) == 0);
	CHECK(fs_sync() == 0);
	CHECK(nfree == before && ip->npages == 0);
	inode_put(ip);
	return 0;
}

// What a mapping's writer left behind the end must not appear when the file
// grows.
static int
behind_the_end(void *arg)
{
	struct inode *ip;
	struct page *pg;

	(void)arg;
	CHECK(fs_mount() == 0);
	memset(bytes, 'x', sizeof(bytes));
	for (int way = 0; way < 2; way++) {
		CHECK(t_open(way ? "/f" : "/g", &ip) == 0);
		CHECK(t_write(ip, 0, bytes, 5000) == 5000);
		CHECK(inode_map_page(ip, 1, &pg) == 0);
		CHECK(inode_page_writable(ip, pg) == 0 && page_is_dirty(pg));
		memset((char *)page_va(pg) + 1000, 'y', 3000);
		page_put(pg);
		if (way)
			CHECK(inode_truncate(ip, 7000) == 0);
		else
			CHECK(t_write(ip, 6999, "z", 1) == 1);
		CHECK(t_read(ip, 5000, bytes + 5000, 1999) == 1999);
		for (uint i = 0; i < 1999; i++)
			CHECK(bytes[5000 + i] == 0);
		CHECK(inode_map_page(ip, 2, &pg) == -ENXIO);
		CHECK(inode_map_page(ip, 0xFFFFF, &pg) == -ENXIO);
		inode_put(ip);
	}
	return 0;
}

// A removed directory that is somebody's current one.
static int
removed(void *arg)
{
	struct inode *b, *ip;

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(path_create(NULL, "/a", T_DIR, 0, 0, NULL) == 0);
	CHECK(path_create(NULL, "a/b", T_DIR, 0, 0, &b) == 0);
	CHECK(path_unlink(NULL, "/a") == -ENOTEMPTY);
	CHECK(path_unlink(NULL, "/a/b") == 0 && path_unlink(NULL, "/a/") == 0);
	CHECK(path_find(b, "../x", &ip) == -ENOENT);
	CHECK(path_find(b, "..", &ip) == -ENOENT);
	CHECK(path_create(b, "x", T_FILE, 0, 0, &ip) == -ENOENT);
	CHECK(path_rename(b, "/README", "x") == -ENOENT);
	inode_put(b);
	CHECK(path_find(NULL, "", &ip) == -ENOENT);
	CHECK(path_create(NULL, "", T_FILE, 0, 0, &ip) == -ENOENT);
	CHECK(path_create(NULL, "/", T_DIR, 0, 0, &ip) == -EEXIST);
	CHECK(path_unlink(NULL, "/") == -EBUSY);
	CHECK(path_unlink(NULL, "/.") == -EINVAL);
	CHECK(path_create(NULL, "f", T_FILE, 0, 0, NULL) == 0);
	CHECK(path_find(NULL, "f/", &ip) == -ENOTDIR);
	CHECK(path_find(NULL, "f/x", &ip) == -ENOTDIR);
	CHECK(path_create(NULL, "f/x", T_FILE, 0, 0, &ip) == -ENOTDIR);
	CHECK(path_create(NULL, "abcdefghijklmnopq", T_FILE, 0, 0, NULL) == 0);
	CHECK(path_create(NULL, "abcdefghijklmnXYZ", T_FILE, 0, 0, NULL) ==
	      -EEXIST);
	check_counts();
	return 0;
}

static void
one(const char *name, int (*fn)(void *))
{
	int r;

	memcpy(disk_bytes, fresh, BLOCKS * FS_BLOCK);
	r = in_machine(900, fn, NULL);
	if (r || host_fsck(disk_bytes))
		host_die("%s: %d", name, r);
}

int
main(void)
{
	struct plan *p = host_shared(sizeof(*p));

	host_disk_new(BLOCKS, 0);
	host_mkfs(128, 64);
	fresh = malloc(BLOCKS * FS_BLOCK);
	memcpy(fresh, disk_bytes, BLOCKS * FS_BLOCK);
	one("full", fill_up);
	one("large offsets", far_out);
	one("behind the end", behind_the_end);
	one("removed directories", removed);
	fail_each(p);
	return 0;
}
