// The file system on the host: fs/*.c in one program with a small machine below
// them: frames, a disk in memory that remembers every write and flush, and
// locks that only check their order, as there is one thread. A test forks for
// each start of the machine (in_machine), so that every start finds fresh
// variables.
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
#include "fs/dirindex.c"
#include "fs/dirty.c"
#include "fs/fs.c"
#include "fs/inode.c"
#include "fs/itable.c"
#include "fs/log.c"
#include "fs/map.c"
#include "fs/owner.c"
#include "fs/path.c"
#include "fs/reclaim.c"
#include "fs/rename.c"
#include "fs/replay.c"
#include "fs/write.c"
#include "tools/fsck/blocks.c"
#include "tools/fsck/check.c"
#include "tools/fsck/mend.c"
#include "tools/fsck/report.c"
#include "tools/fsck/tree.c"

#define CHECK(c)                                                               \
	do {                                                                   \
		if (!(c))                                                      \
			host_die("%s:%d: %s", __FILE__, __LINE__, #c);         \
	} while (0)

static __noreturn __printf(1, 2) void host_die(const char *fmt, ...)
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

static uint host_printed; // messages so far

void
printk(const char *fmt, ...)
{
	(void)fmt;
	host_printed++;
}

// ---- Locks ------------------------------------------------------------------

static uint32_t host_spins, host_mutexes; // ranks that are held
static uint host_acquires;                // of spinlocks, so far

void
lock_init(struct spinlock *lk, const char *name, enum lock_rank rank)
{
	*lk = (struct spinlock){ .name = name, .bit = 1u << rank };
}

void
acquire(struct spinlock *lk)
{
	assertf(host_spins < lk->bit, "%s", lk->name);
	host_acquires++;
	host_spins |= lk->bit;
}

// What another thread does when lk is released for the nth time from now on.
static struct spinlock *host_lock;
static uint host_nth;
static void (*host_other)(void);

static void
host_after_release(struct spinlock *lk, uint nth, void (*fn)(void))
{
	host_lock = lk;
	host_nth = nth;
	host_other = fn;
}

void
release(struct spinlock *lk)
{
	uint32_t held = host_mutexes;

	assertf(host_spins & lk->bit, "%s", lk->name);
	host_spins &= ~lk->bit;
	if (lk != host_lock || --host_nth)
		return;
	host_lock = NULL;
	host_mutexes = 0; // another thread holds nothing
	host_other();
	host_mutexes = held;
}

void
mutex_init(struct mutex *m, const char *name, enum lock_rank rank)
{
	*m = (struct mutex){ .bit = 1u << rank };
	(void)name;
}

void
mutex_lock_as(struct mutex *m, enum lock_rank rank)
{
	assertf(!m->owner && !host_spins && !(host_mutexes >> rank), "rank %d",
		rank);
	m->owner = 1;
	m->held_as = 1u << rank;
	host_mutexes |= m->held_as;
}

void
mutex_lock(struct mutex *m)
{
	mutex_lock_as(m, __builtin_ctz(m->bit));
}

void
mutex_unlock(struct mutex *m)
{
	assert(m->owner);
	m->owner = 0;
	host_mutexes &= ~m->held_as;
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

// ---- Memory -----------------------------------------------------------------

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
	assert(!pg->owner && list_empty(&pg->link));
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
	host_objects -= !!obj;
	free(obj);
}

#include "fs_disk.h"

// ---- Machines ---------------------------------------------------------------

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
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 1000 + WTERMSIG(status);
}

static struct fsck host_checked; // by the last host_fsck

// What fsck thinks of the disk; its journal is not recovered there.
static uint
host_fsck(const uchar *bytes)
{
	static uchar *copy;
	size_t n = (size_t)hd->blocks * FS_BLOCK;

	if (!copy)
		copy = malloc(n);
	memcpy(copy, bytes, n);
	return fsck_image(&host_checked, copy, hd->blocks);
}

// ---- Shorthands for tests, by path ------------------------------------------

static int
t_write(struct inode *ip, uint off, const void *src, uint n)
{
	const char *p = src;

	for (uint done = 0; done < n;) {
		uint at = off == INODE_END ? off : off + done;
		uint part = min_uint(n - done, off == INODE_END
						       ? PGSIZE
						       : PGSIZE - PGOFFSET(at));
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
	int r = path_create(NULL, path, T_FILE, ip);

	return r == -EEXIST ? path_find(NULL, path, ip) : r;
}
