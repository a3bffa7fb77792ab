// Files in memory: what others hold them by, who writes to them and who runs
// them, and reading their pages. fs/write.c changes them.
#include "fs/inode.h"
#include "abi/errno.h"
#include "fs/cache.h"
#include "fs/itable.h"
#include "fs/log.h"
#include "fs/map.h"
#include "lib/assert.h"
#include "lib/string.h"

#define READ_AHEAD BLK_MAXRUN // pages

static const struct inode_hooks *hooks;

void
inode_set_hooks(const struct inode_hooks *h)
{
	hooks = h;
}

void
inode_unmap(struct inode *ip, uint first, uint last)
{
	if (hooks)
		hooks->unmap(ip, first, last);
}

void
inode_clean(struct inode *ip, uint index)
{
	// Whether a map had written does not matter: the page is written
	// anyway.
	if (hooks)
		hooks->clean(ip, index);
}

void
inode_forget(struct inode *ip, struct page *pg)
{
	if (hooks)
		hooks->forget(ip, pg);
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

void
inode_stat(struct inode *ip, struct stat *st)
{
	inode_lock(ip);
	st->type = ip->type;
	st->dev = 1;
	st->ino = ip->num;
	st->nlink = ip->nlink;
	st->size = ip->size;
	inode_unlock(ip);
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
	struct cache_where w = { ip, index, 0, 1, 0 };
	uint left = ip->size - index * PGSIZE;
	int r;

	assertf(index * PGSIZE < ip->size, "inode %u page %u", ip->num, index);
	*pg = cache_find(ip, index);
	if (*pg)
		return 0;
	r = map_find(ip, index,
		     sequential ? min_uint(READ_AHEAD, fs_blocks_of(left)) : 1,
		     &w.block, &w.run);
	if (r)
		return r;
	w.end = min_uint(left, w.run * PGSIZE);
	ip->read_next = index + w.run;
	return cache_fill(&w, pg);
}

int
inode_read(struct inode *ip, uint off, struct page **pg)
{
	uint size = ip->size;
	int r = 0;

	if (off >= size)
		return 0;
	// What is in the cache needs no lock: a truncate takes pages out after
	// it has changed the size, and we are before it or after it.
	*pg = cache_find(ip, off / PGSIZE);
	if (!*pg) {
		inode_lock(ip);
		size = ip->size;
		if (off < size)
			r = inode_page(ip, off / PGSIZE, pg);
		inode_unlock(ip);
		if (r || off >= size)
			return r;
	}
	return min_uint(PGSIZE - PGOFFSET(off), size - off);
}

bool
page_owned_by(const struct page *pg, const struct inode *ip, uint index)
{
	return pg->owner == ip && pg->index == index;
}

bool
page_is_dirty(const struct page *pg)
{
	return *(volatile const ushort *)&pg->flags & PG_DIRTY;
}
