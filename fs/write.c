// Changing the contents of files: writing, and the size.
//
// A write gives the page its block and the inode its size at once, in one
// operation. Only the bytes wait in the cache for the commit.
//
// The tail is the part of the last page behind the end of the file. A truncate
// leaves the old bytes there and sets stale_tail. The tail is cleared before
// anybody can see it: when the file grows past it, or when a program maps the
// page.
//
// A dirty page may reach the disk before the truncate does, and a crash in
// between brings the old size back. So the tail is cleared only when the
// truncate has happened (log_reach). Otherwise the file would have its old size
// after the crash, and zeros instead of bytes that a sync had saved.
#include "abi/errno.h"
#include "fs/alloc.h"
#include "fs/inode.h"
#include "fs/map.h"
#include "lib/assert.h"
#include "lib/string.h"

// ---- Writing ----------------------------------------------------------------

// Clears the tail in memory; if `dirty`, also on the disk, by the next commit.
// Holds ip->lock.
static int
clear_tail(struct inode *ip, bool dirty)
{
	uint at = PGOFFSET(ip->size);
	struct page *pg;
	int err;

	if (at == 0)
		return 0;
	if (ip->stale_tail) {
		err = log_reach(ip->cut_in);
		if (err)
			return err;
	}
	err = inode_page(ip, ip->size / PGSIZE, &pg);
	if (err)
		return err;
	memset((char *)page_va(pg) + at, 0, PGSIZE - at);
	if (dirty && pg->block)
		cache_dirty(pg);
	page_put(pg);
	ip->stale_tail = false;
	return 0;
}

// *pg gets the page for a write of n bytes of src to offset `at`. It is read
// from the disk only if old bytes stay in it. Returns 1 if the page is new in
// the cache: then it has the bytes of src already if `at` is the start of the
// page. Returns 0 if the page was there, or an error.
//
// A program may map a page of the file as soon as the page is in the cache. So
// a new page inside the file is made only if the write cannot fail: the page
// has a block, and the file does not grow. Otherwise the program would keep a
// frame with bytes that were never written.
static int
target_page(struct inode *ip, uint at, const void *src, uint n,
	    struct page **pg)
{
	uint index = at / PGSIZE, block = 0, run;
	bool past = index * PGSIZE >= ip->size;
	int made, err;

	*pg = cache_find(&ip->pages, index);
	if (*pg)
		return 0;
	if (!past) {
		if (n < PGSIZE || at + n > ip->size)
			return inode_page(ip, index, pg);
		err = map_find(ip, index, 1, &block, &run);
		if (err)
			return err;
		if (!block)
			return inode_page(ip, index, pg);
	}
	made = cache_new(&ip->pages, index, src, PGOFFSET(at) ? 0 : n, pg);
	if (made > 0)
		(*pg)->block = block;
	return made;
}

// Copies src into pg, sets the size and marks pg dirty. src is NULL if the
// bytes are in pg already.
static void
put_bytes(struct inode *ip, struct page *pg, uint at, const void *src, uint n)
{
	if (src)
		memcpy((char *)page_va(pg) + PGOFFSET(at), src, n);
	if (at + n > ip->size)
		ip->size = at + n;
	cache_dirty(pg);
}

// A write that gives the page a block or makes the file longer. It is an
// operation, so that a crash shows none or all of it.
static int
write_logged(struct inode *ip, struct page *pg, uint at, const void *src,
	     uint n)
{
	struct log_op op;
	uint need = 0;
	int err = pg->block ? 0 : map_need(ip, pg->index, &need);

	if (!err)
		err = op_begin(&op, need ? MAP_CREDITS : 1, need);
	if (err)
		return err;
	if (need)
		err = map_alloc(&op, ip, pg);
	if (!err) {
		put_bytes(ip, pg, at, src, n);
		itable_update(&op, ip);
	}
	op_end(&op);
	return err;
}

// Holds ip->lock.
static int
write_at(struct inode *ip, uint at, const void *src, uint n)
{
	struct page *pg;
	int made, err = 0;

	if (log_failed())
		return -EROFS;
	if (at > ip->size)
		err = clear_tail(ip, true);
	if (err)
		return err;
	made = target_page(ip, at, src, n, &pg);
	if (made < 0)
		return made;
	if (made && PGOFFSET(at) == 0)
		src = NULL;
	if (pg->block && at + n <= ip->size)
		put_bytes(ip, pg, at, src, n);
	else
		err = write_logged(ip, pg, at, src, n);
	page_put(pg);
	if (err && made)
		cache_cut(&ip->pages, at / PGSIZE, at / PGSIZE);
	return err;
}

// Keeps writers from filling memory with dirty pages. At 1/8 of memory the
// flusher is woken. At 1/4 the writer waits for the disk here, where it holds
// nothing that others need.
static void
throttle(void)
{
	uint dirty = cache_dirty_count(), all = kalloc_total();

	if (dirty > all / 4) {
		// If it fails, the next operation says so.
		if (log_commit(false))
			return;
	} else if (dirty > all / 8) {
		log_hurry();
	}
}

int
inode_write(struct inode *ip, uint *off, const void *src, uint n)
{
	uint at;
	int err;

	if (n == 0)
		return 0;
	throttle();
	inode_lock(ip);
	at = *off;
	if (at == INODE_END) {
		at = ip->size;
		n = min_uint(n, PGSIZE - PGOFFSET(at));
	}
	assertf(n <= PGSIZE - PGOFFSET(at), "%u bytes at %u", n, at);
	err = at > FS_MAXSIZE || n > FS_MAXSIZE - at ? -EFBIG
						     : write_at(ip, at, src, n);
	if (!err)
		*off = at;
	inode_unlock(ip);
	return err ? err : (int)n;
}

// Gives a block to pg, which is a hole, and marks pg dirty.
static int
fill_hole(struct inode *ip, struct page *pg)
{
	struct log_op op;
	uint need;
	int err = map_need(ip, pg->index, &need);

	if (!err)
		err = op_begin(&op, MAP_CREDITS, need);
	if (err)
		return err;
	err = map_alloc(&op, ip, pg);
	itable_update(&op, ip);
	if (!err)
		cache_dirty_mapped(pg);
	op_end(&op);
	return err;
}

int
inode_page_writable(struct inode *ip, struct page *pg)
{
	int err = 0;

	inode_lock(ip);
	if (!page_owned_by(pg, ip, pg->index))
		err = -ENXIO;
	else if (log_failed())
		err = -EROFS;
	else if (!pg->block)
		err = fill_hole(ip, pg);
	else if (!cache_dirty_mapped(pg))
		err = -ENXIO;
	inode_unlock(ip);
	return err;
}

// A program is about to map the last page: it must see zeros behind the end.
static int
clear_stale_tail(struct inode *ip)
{
	int err = 0;

	inode_lock(ip);
	if (ip->stale_tail)
		err = clear_tail(ip, false);
	inode_unlock(ip);
	return err;
}

int
inode_map_page(struct inode *ip, uint index, struct page **pg)
{
	int r = -ENXIO;

	if (ip->stale_tail && index == ip->size / PGSIZE) {
		r = clear_stale_tail(ip);
		if (r)
			return r;
	}
	if (index < fs_blocks_of(FS_MAXSIZE))
		r = inode_read(ip, index * PGSIZE, pg);
	return r > 0 ? 0 : r ? r : -ENXIO;
}

// The last page waits for inode_map_page if it has old bytes behind the end.
void
inode_cached_pages(struct inode *ip, uint index, uint n, struct page **pg)
{
	uint end = ip->stale_tail ? ip->size / PGSIZE
				  : PGROUNDUP(ip->size) / PGSIZE;
	uint have = index >= end ? 0 : min_uint(n, end - index);

	cache_find_run(&ip->pages, index, have, pg);
	for (uint i = have; i < n; i++)
		pg[i] = NULL;
}

int
inode_copy(struct inode *ip, uint off, void *dst, uint n)
{
	struct page *pg;
	int err;

	for (uint part; n > 0; n -= part, off += part, dst += part) {
		part = min_uint(n, PGSIZE - PGOFFSET(off));
		err = inode_map_page(ip, off / PGSIZE, &pg);
		if (err)
			return err;
		memcpy(dst, (char *)page_va(pg) + PGOFFSET(off), part);
		page_put(pg);
	}
	return 0;
}

// ---- The size ---------------------------------------------------------------

static int
lengthen(struct inode *ip, uint size)
{
	struct log_op op;
	int err = clear_tail(ip, true);

	if (!err)
		err = op_begin(&op, 1, 0);
	if (err)
		return err;
	ip->size = size;
	itable_update(&op, ip);
	op_end(&op);
	return 0;
}

static bool
is_mapped(struct inode *ip)
{
	bool mapped;

	acquire(&ip->area_lock);
	mapped = !list_empty(&ip->areas);
	release(&ip->area_lock);
	return mapped;
}

static int
shorten(struct inode *ip, uint size)
{
	int err = map_cut(ip, size), clear_err = 0;

	ip->cut_in = log_running();
	ip->stale_tail = PGOFFSET(ip->size) != 0;
	// A program that maps the page later sees the mark (inode_map_page). A
	// program that has mapped the page is in the list.
	if (ip->stale_tail && is_mapped(ip))
		clear_err = clear_tail(ip, false);
	return err ? err : clear_err;
}

int
inode_truncate(struct inode *ip, uint size)
{
	int err = 0;

	if (size > FS_MAXSIZE)
		return -EFBIG;
	inode_lock(ip);
	if (size > ip->size)
		err = lengthen(ip, size);
	else if (size < ip->size)
		err = shorten(ip, size);
	inode_unlock(ip);
	return err;
}

int
inode_fsync(struct inode *ip)
{
	(void)ip; // one commit writes all files
	return log_commit(true);
}
