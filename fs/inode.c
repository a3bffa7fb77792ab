// Files in memory: references, the count of writers and runners, and reading.
// fs/write.c changes the contents of files.
#include "fs/inode.h"
#include "abi/errno.h"
#include "fs/alloc.h"
#include "fs/dirindex.h"
#include "fs/map.h"
#include "fs/super.h"
#include "kern/printk.h"
#include "lib/assert.h"
#include "lib/string.h"

#define READ_AHEAD BLK_MAXRUN // pages

// ---- References -------------------------------------------------------------

struct inode *
inode_get(struct inode *ip)
{
	assert(ip->refs > 0);
	__atomic_add_fetch(&ip->refs, 1, __ATOMIC_RELAXED);
	return ip;
}

// Frees a file without names: first its blocks, which may need many operations,
// then its number. If that fails the file stays an orphan, and the next mount
// frees it.
static void
destroy_file(struct inode *ip)
{
	struct log_op op;

	mutex_lock(&ip->lock);
	dirindex_drop(&ip->dir_index);
	if (!map_cut(ip, 0) && !op_begin(&op, 2, 0)) {
		itable_remove_orphan(&op, ip);
		ip->type = 0;
		itable_update(&op, ip);
		op_end(&op);
	}
	mutex_unlock(&ip->lock);
}

void
inode_put(struct inode *ip)
{
	if (itable_put_one_of_many(ip))
		return;
	// Nobody can get another reference to a file without names if we have
	// the last one, so no lock is needed while the file goes.
	if (ip->refs == 1 && ip->valid && ip->type && !ip->nlink)
		destroy_file(ip);
	itable_put(ip);
}

void
inode_reclaim_orphans(void)
{
	uint count = 0;

	while (fs_super->orphan && !log_failed()) {
		uint num = fs_super->orphan;
		struct inode *ip;

		if (itable_open(num, &ip))
			break;
		if (ip->nlink || num == FS_ROOT) {
			inode_put(ip);
			printk("fs: inode %u is no orphan: run fsck\n", num);
			break;
		}
		itable_found_orphan(ip);
		inode_put(ip);
		if (fs_super->orphan == num)
			break; // it could not be freed
		count++;
	}
	if (count)
		printk("fs: freed %u files that had lost their names\n", count);
}

void
inode_lock(struct inode *ip) __acquires(&ip->lock)
{
	mutex_lock(&ip->lock);
}

void
inode_unlock(struct inode *ip) __releases(&ip->lock)
{
	mutex_unlock(&ip->lock);
}

// Without the lock: each field is read at once, and a caller cannot know
// whether another process has changed one of them since.
void
inode_stat(const struct inode *ip, struct stat *st)
{
	st->type = ip->type;
	st->dev = 1;
	st->ino = ip->num;
	st->nlink = ip->nlink;
	st->size = ip->size;
}

// ---- Writers and runners ----------------------------------------------------

// Adds `by` to the count unless the count has the other sign.
static int
count_user(struct inode *ip, int by)
{
	int n = ip->writers;

	do {
		if (by > 0 ? n < 0 : n > 0)
			return -ETXTBSY;
	} while (!__atomic_compare_exchange_n(&ip->writers, &n, n + by, false,
					      __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE));
	return 0;
}

int
inode_get_write(struct inode *ip)
{
	return count_user(ip, 1);
}

void
inode_put_write(struct inode *ip)
{
	assertf(ip->writers > 0, "inode %u: %d", ip->num, ip->writers);
	__atomic_sub_fetch(&ip->writers, 1, __ATOMIC_ACQ_REL);
}

int
inode_deny_write(struct inode *ip)
{
	return count_user(ip, -1);
}

void
inode_allow_write(struct inode *ip)
{
	assertf(ip->writers < 0, "inode %u: %d", ip->num, ip->writers);
	__atomic_add_fetch(&ip->writers, 1, __ATOMIC_ACQ_REL);
}

// ---- Reading ----------------------------------------------------------------

int
inode_page(struct inode *ip, uint index, struct page **pg)
{
	bool sequential = index == 0 || index == ip->read_next;
	struct cache_where w = { &ip->pages, index, 0, 1, 0 };
	uint left = ip->size - index * PGSIZE;
	int err;

	assertf(index * PGSIZE < ip->size, "inode %u page %u", ip->num, index);
	*pg = cache_find(&ip->pages, index);
	if (*pg)
		return 0;
	err = map_find(ip, index,
		       sequential ? min_uint(READ_AHEAD, fs_blocks_of(left))
				  : 1,
		       &w.block, &w.run);
	if (err)
		return err;
	w.end = min_uint(left, w.run * PGSIZE);
	ip->read_next = index + w.run;
	return cache_fill(&w, pg);
}

int
inode_read(struct inode *ip, uint off, struct page **pg)
{
	uint size = ip->size;
	int err = 0;

	if (off >= size)
		return 0;
	// A page in the cache needs no lock. A truncate changes the size first
	// and then takes pages out, so we come before it or after it.
	*pg = cache_find(&ip->pages, off / PGSIZE);
	if (!*pg) {
		inode_lock(ip);
		size = ip->size;
		if (off < size)
			err = inode_page(ip, off / PGSIZE, pg);
		inode_unlock(ip);
		if (err || off >= size)
			return err;
	}
	return min_uint(PGSIZE - PGOFFSET(off), size - off);
}

bool
page_owned_by(const struct page *pg, const struct inode *ip, uint index)
{
	return pg->owner == &ip->pages && pg->index == index;
}

int
inode_blocks(struct inode *ip, uint index, uint max, uint *block, uint *run)
{
	int err;

	inode_lock(ip);
	err = map_find(ip, index, max, block, run);
	inode_unlock(ip);
	return err;
}
