// The file system on the host: fs/*.c in one program with a small machine below
// them: frames, a disk in memory that remembers every write and flush, and locks
// that only check their order, as there is one thread. A test forks for each
// start of the machine (in_machine), so that every start finds fresh variables.
#pragma once
#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#undef WAIT_ANY
#undef PAGE_SIZE

// Physical addresses count from the start of host_ram.
static char *host_ram;
#include "memlayout.h"
#undef P2V
#undef V2P
#define P2V(pa) ((void *)(host_ram + (pa)))
#define V2P(va) ((paddr_t)((const char *)(va) - host_ram))

#include "fs/alloc.c"
#include "fs/cache.c"
#include "fs/dir.c"
#include "fs/dirty.c"
#include "fs/fs.c"
#include "fs/inode.c"
#include "fs/itable.c"
#include "fs/log.c"
#include "fs/map.c"
#include "fs/path.c"
#include "fs/rename.c"
#include "fs/replay.c"
#define FSCK_NO_MAIN
#include "tools/fsck.c"
#include "tools/fscktree.c"

#define CHECK(c)                                                               \
	do {                                                                   \
		if (!(c))                                                      \
			host_die("%s:%d: %s", __FILE__, __LINE__, #c);         \
	} while (0)

static __noreturn __printf(1, 2) void
host_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

__noreturn void
assert_fail(const char *cond, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("%s:%d: assertion `%s' failed: ", file, line, cond);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	abort();
}

static bool host_verbose;

void
printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (host_verbose)
		vprintf(fmt, ap);
	va_end(ap);
}

// ---- Locks -----------------------------------------------------------------------

static uint32_t host_spins, host_mutexes; // ranks that are held

void
lock_init(struct spinlock *lk, const char *name, enum lock_rank rank)
{
	*lk = (struct spinlock){ .name = name, .rank = rank };
}

void
acquire(struct spinlock *lk)
{
	assertf(!(host_spins >> lk->rank), "%s", lk->name);
	host_spins |= 1u << lk->rank;
}

void
release(struct spinlock *lk)
{
	assertf(host_spins >> lk->rank & 1, "%s", lk->name);
	host_spins &= ~(1u << lk->rank);
}

void
mutex_init(struct mutex *m, const char *name, enum lock_rank rank)
{
	*m = (struct mutex){ .rank = rank };
	(void)name;
}

void
mutex_lock_as(struct mutex *m, enum lock_rank rank)
{
	assertf(!m->owner && !host_spins && !(host_mutexes >> rank), "rank %d",
		rank);
	m->owner = 1;
	m->held_as = rank;
	host_mutexes |= 1u << rank;
}

void
mutex_lock(struct mutex *m)
{
	mutex_lock_as(m, m->rank);
}

void
mutex_unlock(struct mutex *m)
{
	assert(m->owner);
	m->owner = 0;
	host_mutexes &= ~(1u << m->held_as);
}

void
wait_on(struct waitq *q, struct spinlock *lk)
{
	assertf(!lk, "%s: nobody would wake it", q->name);
}

int
wait_until(struct waitq *q, struct spinlock *lk, uint64_t deadline)
{
	(void)q, (void)lk, (void)deadline;
	return -ETIMEDOUT;
}

void
wake_one(struct waitq *q)
{
	(void)q;
}

void
wake_all(struct waitq *q)
{
	(void)q;
}

uint64_t
clock_ticks(void)
{
	return 0;
}

// ---- Memory ----------------------------------------------------------------------

#define HOST_FRAMES 4096

struct page *pages;
paddr_t phystop = HOST_FRAMES * PGSIZE;
static struct list host_free = LIST_INIT(host_free);
static uint host_nfree, host_nframes;
static uint host_allocs;  // so far
static uint host_fail_at; // this one and all later ones fail; 0: none
static uint host_fail_to; // ... up to this one; 0: for ever
static uint host_objects; // of slabs

static bool
host_fails(void)
{
	host_allocs++;
	return host_fail_at && host_allocs >= host_fail_at &&
	       (!host_fail_to || host_allocs < host_fail_to);
}

static void
host_memory(uint frames)
{
	host_nframes = host_nfree = frames;
	host_ram = aligned_alloc(PGSIZE, (size_t)HOST_FRAMES * PGSIZE);
	pages = calloc(HOST_FRAMES, sizeof(*pages));
	for (uint i = 0; i < frames; i++)
		list_append(&host_free, &pages[i].link);
	ASAN_POISON_MEMORY_REGION(host_ram, (size_t)HOST_FRAMES * PGSIZE);
}

void *
kalloc(void)
{
	struct page *pg;

	if (host_fails() || list_empty(&host_free))
		return NULL;
	pg = list_entry(list_pop(&host_free), struct page, link);
	*pg = (struct page){ .refs = 1 };
	list_init(&pg->link);
	host_nfree--;
	ASAN_UNPOISON_MEMORY_REGION(page_va(pg), PGSIZE);
	memset(page_va(pg), 0xA5, PGSIZE);
	return page_va(pg);
}

void *
kalloc_zero(void)
{
	void *va = kalloc();

	return va ? memset(va, 0, PGSIZE) : NULL;
}

void
page_put(struct page *pg)
{
	assert(pg->refs > 0);
	if (--pg->refs)
		return;
	assert(pg->owner == NULL && list_empty(&pg->link));
	list_push(&host_free, &pg->link);
	host_nfree++;
	ASAN_POISON_MEMORY_REGION(page_va(pg), PGSIZE);
}

void
kfree(void *va)
{
	page_put(page_of(va));
}

uint
kalloc_total(void)
{
	return host_nframes;
}

uint
kalloc_free(void)
{
	return host_nfree;
}

void
slab_init(struct slab *s, const char *name, uint size)
{
	(void)name;
	s->size = size;
}

void *
slab_alloc(struct slab *s)
{
	if (host_fails())
		return NULL;
	host_objects++;
	return calloc(1, s->size);
}

void
slab_free(struct slab *s, void *obj)
{
	(void)s;
	host_objects -= obj != NULL;
	free(obj);
}

// ---- The disk --------------------------------------------------------------------

// What was done to the disk, in shared memory: a write of one block, or a flush.
struct disk_op {
	uint block; // DISK_FLUSH: a flush
	uint mark;  // host_mark at that time
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
		disk_ops = host_shared((size_t)(max_ops + 1) *
				       sizeof(*disk_ops));
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

// What other threads do while a commit sleeps for the disk: called before each of
// its requests, if the test has set it and there is room for an operation that
// need not wait for that commit.
static void (*host_meanwhile)(void);

static void
meanwhile(void)
{
	void (*fn)(void) = host_meanwhile;
	uint32_t held = host_mutexes;

	if (!fn || !commit_lock.owner || closed || nlogged + 26 > capacity ||
	    nfree < 64 || cache.ndirty + 100 > host_nframes / 4)
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
	struct superblock s = { .magic = FS_MAGIC, .version = FS_VERSION,
				.blocks = hd->blocks, .inodes = inodes,
				.log_blocks = log_blocks };
	struct dirent *e;
	struct dinode *d;

	super_place(&s);
	CHECK(super_valid(&s));
	memset(disk_bytes, 0, (size_t)hd->blocks * FS_BLOCK);
	memcpy(disk_bytes + FS_BLOCK, &s, sizeof(s));
	d = (struct dinode *)(disk_bytes + (size_t)s.inode_start * FS_BLOCK) + 1;
	*d = (struct dinode){ .type = T_DIR, .nlink = 1, .size = 32,
			      .addrs = { s.data_start } };
	e = (struct dirent *)(disk_bytes + (size_t)s.data_start * FS_BLOCK);
	e[0] = (struct dirent){ FS_ROOT, "." };
	e[1] = (struct dirent){ FS_ROOT, ".." };
	for (uint b = 0; b <= s.data_start; b++)
		disk_bytes[(size_t)s.bitmap_start * FS_BLOCK + b / 8] |=
			1 << b % 8;
}

// ---- Machines --------------------------------------------------------------------

// Runs fn(arg) on a machine of its own with `frames` frames. Returns its exit
// status, or 1000 + the signal that it died of.
static int
in_machine(uint frames, int (*fn)(void *), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(100);
		host_memory(frames);
		fs_init();
		status = fn(arg);
		fflush(stdout);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// What fsck thinks of the disk; its journal is not recovered there.
static uint
host_fsck(const uchar *bytes)
{
	static uchar *copy;
	size_t n = (size_t)hd->blocks * FS_BLOCK;

	if (!copy)
		copy = malloc(n);
	memcpy(copy, bytes, n);
	return fsck(copy, hd->blocks);
}

// ---- Shorthands for tests, by path -------------------------------------------------

static int
t_write(struct inode *ip, uint off, const void *src, uint n)
{
	const char *p = src;

	for (uint done = 0; done < n;) {
		uint at = off == INODE_END ? off : off + done;
		uint part = min_uint(n - done, off == INODE_END ? PGSIZE :
				     PGSIZE - PGOFFSET(at));
		int r = inode_write(ip, &at, p + done, part);

		if (r < 0)
			return done ? (int)done : r;
		done += r;
	}
	return (int)n;
}

static int
t_read(struct inode *ip, uint off, void *dst, uint n)
{
	uint done = 0;

	while (done < n) {
		struct page *pg;
		int r = inode_read(ip, off + done, &pg);

		if (r < 0)
			return r;
		if (r == 0)
			break;
		r = (int)min_uint((uint)r, n - done);
		memcpy((char *)dst + done,
		       (char *)page_va(pg) + PGOFFSET(off + done), (uint)r);
		page_put(pg);
		done += (uint)r;
	}
	return (int)done;
}

// Creates path, or opens it.
static int
t_open(const char *path, struct inode **ip)
{
	int r = path_create(NULL, path, T_FILE, 0, 0, ip);

	return r == -EEXIST ? path_find(NULL, path, ip) : r;
}
