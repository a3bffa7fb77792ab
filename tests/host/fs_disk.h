// The disk of fs_harness.h: memory that remembers every write and flush and
// fails when it is told to.
#pragma once

// What was done to the disk, in shared memory: a write of one block, or a
// flush.
struct disk_op {
	uint block; // DISK_FLUSH: a flush
	uint mark;  // the test's mark at that time
	uchar data[FS_BLOCK];
};
#define DISK_FLUSH 0xFFFFFFFFu

struct host_disk {
	uint blocks;
	uint nops, max_ops; // recorded (only if max_ops)
	uint requests;      // so far, of any kind
	uint mark;          // the test's own
	uint full;          // the record had no room
};

static struct host_disk *hd; // shared with the machines
static uchar *disk_bytes;    // shared
static struct disk_op *disk_ops;
static uint disk_fail_at, disk_fail_to; // requests [at, to) fail; at 0: none

static void *
host_shared(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		host_die("no memory");
	return p;
}

static void
host_disk_new(uint blocks, uint max_ops)
{
	if (!hd) {
		hd = host_shared(sizeof(*hd));
		disk_bytes = host_shared((size_t)blocks * FS_BLOCK);
		disk_ops =
			host_shared((size_t)(max_ops + 1) * sizeof(*disk_ops));
	}
	*hd = (struct host_disk){ .blocks = blocks, .max_ops = max_ops };
}

static void
disk_record(uint block, const void *data)
{
	if (hd->nops == hd->max_ops) {
		hd->full = hd->max_ops;
		return;
	}
	disk_ops[hd->nops].block = block;
	disk_ops[hd->nops].mark = hd->mark;
	if (data)
		memcpy(disk_ops[hd->nops].data, data, FS_BLOCK);
	hd->nops++;
}

// What other threads do while a commit sleeps for the disk: called before each
// of its requests, if the test has set it and there is room for an operation
// that does not have to wait for that commit.
static void (*host_meanwhile)(void);

static void
meanwhile(void)
{
	void (*fn)(void) = host_meanwhile;
	uint32_t held = host_mutexes;

	if (!fn || !commit_lock.owner || closed ||
	    nlogged + 26 > log_capacity || nfree_blocks < 64 ||
	    cache.ndirty + 100 > host_nframes / 4)
		return;
	host_meanwhile = NULL;
	host_mutexes = 0; // another thread holds nothing
	fn();
	assert(host_mutexes == 0);
	host_mutexes = held;
	host_meanwhile = fn;
}

static int
disk_do(struct blk_req *r)
{
	uint n;

	assert(!host_spins);
	meanwhile();
	n = ++hd->requests;
	if (disk_fail_at && n >= disk_fail_at &&
	    (!disk_fail_to || n < disk_fail_to))
		return -EIO;
	assert(r->count <= BLK_MAXRUN && (r->op == BLK_FLUSH) == !r->count);
	if (r->op == BLK_FLUSH)
		disk_record(DISK_FLUSH, NULL);
	for (uint i = 0; i < r->count; i++) {
		uchar *at = disk_bytes + (size_t)(r->block + i) * FS_BLOCK;

		if (r->block + i >= hd->blocks)
			return -EIO;
		if (r->op == BLK_READ) {
			memcpy(r->page[i], at, FS_BLOCK);
			continue;
		}
		memcpy(at, r->page[i], FS_BLOCK);
		disk_record(r->block + i, at);
	}
	return 0;
}

static struct blk_disk host_blk = { .name = "ram0" };

int
blk_count(void)
{
	return 1;
}

struct blk_disk *
blk_disk(int n)
{
	host_blk.blocks = hd->blocks;
	return n ? NULL : &host_blk;
}

void
blk_submit(struct blk_disk *d, struct blk_req *r)
{
	assert(d == &host_blk);
	r->status = disk_do(r);
}

int
blk_wait(struct blk_req *r)
{
	return r->status;
}

static int
disk_one(enum blk_op op, uint block, void *page)
{
	struct blk_req r = { .op = op, .block = block, .count = 1 };

	if (op == BLK_FLUSH)
		r.count = 0;
	r.page[0] = page;
	return disk_do(&r);
}

int
blk_read(struct blk_disk *d, uint block, void *page)
{
	(void)d;
	return disk_one(BLK_READ, block, page);
}

int
blk_write(struct blk_disk *d, uint block, const void *page)
{
	(void)d;
	return disk_one(BLK_WRITE, block, (void *)page);
}

int
blk_flush(struct blk_disk *d)
{
	(void)d;
	return disk_one(BLK_FLUSH, 0, NULL);
}

// An empty file system on it.
static void
host_mkfs(uint inodes, uint log_blocks)
{
	struct superblock s = {.magic = FS_MAGIC,
			       .version = FS_VERSION,
			       .blocks = hd->blocks,
			       .inodes = inodes,
			       .log_blocks = log_blocks};
	struct dirent *e;
	struct dinode *d;

	super_place(&s);
	CHECK(super_valid(&s));
	memset(disk_bytes, 0, (size_t)hd->blocks * FS_BLOCK);
	memcpy(disk_bytes + FS_BLOCK, &s, sizeof(s));
	d = (struct dinode *)(disk_bytes + (size_t)s.inode_start * FS_BLOCK) +
	    1;
	*d = (struct dinode){
		.type = T_DIR, .nlink = 1, .size = 32, .addrs = {s.data_start}};
	e = (struct dirent *)(disk_bytes + (size_t)s.data_start * FS_BLOCK);
	e[0] = (struct dirent){ FS_ROOT, "." };
	e[1] = (struct dirent){ FS_ROOT, ".." };
	for (uint b = 0; b <= s.data_start; b++)
		disk_bytes[(size_t)s.bitmap_start * FS_BLOCK + b / 8] |=
			1 << b % 8;
}
