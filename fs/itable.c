// The table of inodes in memory.
//
// Invariants: an inode has its page of the inode table pinned (dpage) from the
// moment it is valid, so that writing it there cannot fail. Nobody finds the
// struct of a free inode but through itable_new. Orphans in memory stand in the
// order of the list on disk, so that one of them leaves it by changing the one
// before it.
#include "fs/itable.h"
#include "abi/errno.h"
#include "fs/cache.h"
#include "fs/map.h"
#include "kern/printk.h"
#include "kern/slab.h"
#include "lib/assert.h"
#include "lib/string.h"

#define NBUCKETS 256

struct superblock *fs_super;

static struct spinlock itable_lock = SPINLOCK("itable", RANK_ITABLE);
static struct slab inode_slab;
static struct list itable[NBUCKETS];
static struct list idle = LIST_INIT(idle); // oldest first
static struct list orphans = LIST_INIT(orphans);
static struct page *super_page;
static uint nidle, max_idle;
static uint hint = FS_ROOT + 1; // no inode below it is free

void
itable_init(void)
{
	slab_init(&inode_slab, "inode", (sizeof(struct inode) + 15) & ~15u);
	for (uint i = 0; i < NBUCKETS; i++)
		list_init(&itable[i]);
	max_idle = max_uint(64, kalloc_total() / 64);
}

int
itable_mount(void)
{
	int r = cache_meta(FS_SUPER, &super_page);

	if (r)
		return r;
	fs_super = page_va(super_page);
	return 0;
}

// ---- Finding and making -----------------------------------------------------

// Holds itable_lock, as all of this part.
static struct inode *
find(uint num)
{
	list_for_each (ip, &itable[num % NBUCKETS], struct inode, link)
		if (ip->num == num)
			return ip;
	return NULL;
}

static struct inode *
make(uint num)
{
	struct inode *ip = slab_alloc(&inode_slab);

	if (!ip)
		return NULL;
	ip->num = num;
	mutex_init(&ip->lock, "inode", RANK_INODE);
	lock_init(&ip->area_lock, "areas", RANK_AREA_LIST);
	list_init(&ip->areas);
	list_init(&ip->idle);
	list_init(&ip->orphans);
	list_push(&itable[num % NBUCKETS], &ip->link);
	return ip;
}

// The struct for num, found or made, with one more reference; NULL: no memory.
static struct inode *
find_or_make(uint num)
{
	struct inode *ip = find(num);

	if (!ip)
		ip = make(num);
	if (!ip)
		return NULL;
	if (!list_empty(&ip->idle)) {
		list_remove(&ip->idle);
		nidle--;
	}
	__atomic_add_fetch(&ip->refs, 1, __ATOMIC_RELAXED);
	return ip;
}

// Frees up to n of the oldest idle inodes; those with pages become young.
static void
shrink_idle(uint n)
{
	while (n-- && !list_empty(&idle)) {
		struct inode *ip = list_first(&idle, struct inode, idle);

		list_remove(&ip->idle);
		if (cache_has(ip) || !list_empty(&ip->orphans)) {
			list_append(&idle, &ip->idle);
			continue;
		}
		list_remove(&ip->link);
		nidle--;
		if (ip->dpage)
			page_put(ip->dpage);
		slab_free(&inode_slab, ip);
	}
}

void
itable_shrink(void)
{
	acquire(&itable_lock);
	shrink_idle(nidle);
	release(&itable_lock);
}

static struct dinode *
dinode_of(struct page *pg, uint num)
{
	return (struct dinode *)page_va(pg) + num % FS_IPB;
}

// Reads ip from disk, once.
static int
load(struct inode *ip)
{
	const struct dinode *d;
	struct page *pg;
	int r = cache_meta(super_inode_block(fs_super, ip->num), &pg);

	if (r)
		return r;
	d = dinode_of(pg, ip->num);
	if (!dinode_valid(d)) {
		page_put(pg);
		printk("fs: inode %u is damaged: run fsck\n", ip->num);
		return -EIO;
	}
	ip->dpage = pg;
	ip->type = d->type;
	ip->major = d->major;
	ip->minor = d->minor;
	ip->nlink = d->nlink;
	ip->size = d->size;
	memcpy(ip->addrs, d->addrs, sizeof(ip->addrs));
	ip->orphan_next = d->major;
	ip->valid = true;
	return 0;
}

int
itable_open(uint num, struct inode **out)
{
	struct inode *ip = NULL;
	int r = 0;

	if (!super_is_inode(fs_super, num))
		return -EIO;
	acquire(&itable_lock);
	ip = find_or_make(num);
	release(&itable_lock);
	if (!ip)
		return -ENOMEM;
	if (!ip->valid) {
		mutex_lock(&ip->lock);
		r = ip->valid ? 0 : load(ip);
		mutex_unlock(&ip->lock);
	}
	if (r == 0 && ip->type == 0)
		r = -EIO;
	if (r)
		inode_put(ip);
	*out = ip;
	return r;
}

// The first free inode from num on in this page of the table, claimed by its
// struct's reference. NULL: none. *r is -ENOMEM if there was no struct for it.
static struct inode *
claim_free(struct page *pg, uint num, int *r)
{
	struct inode *ip = NULL;
	uint start = num;
	uint end = min_uint((num / FS_IPB + 1) * FS_IPB, fs_super->inodes);

	acquire(&itable_lock);
	for (; num < end && !ip && !*r; num++) {
		struct inode *old = find(num);

		if (dinode_of(pg, num)->type != 0 || (old && old->refs))
			continue;
		ip = find_or_make(num);
		if (!ip)
			*r = -ENOMEM;
	}
	if (!*r && hint == start) // else somebody has moved it
		hint = num;
	release(&itable_lock);
	return ip;
}

int
itable_new(struct inode **out)
{
	struct inode *ip = NULL;
	int r = 0;

	for (uint num = hint; !ip && num < fs_super->inodes;
	     num = (num / FS_IPB + 1) * FS_IPB) {
		struct page *pg;

		r = cache_meta(super_inode_block(fs_super, num), &pg);
		if (r)
			return r;
		ip = claim_free(pg, num, &r);
		if (!ip || ip->valid)
			page_put(pg);
		else
			ip->dpage = pg;
		if (r)
			return r;
	}
	if (!ip)
		return -ENOSPC;
	ip->valid = true;
	ip->type = ip->nlink = 0;
	ip->size = ip->read_next = ip->place = ip->room = 0;
	ip->stale_tail = false;
	memset(ip->addrs, 0, sizeof(ip->addrs));
	*out = ip;
	return 0;
}

// ---- Writing ----------------------------------------------------------------

void
itable_update(struct log_op *op, struct inode *ip)
{
	struct dinode *d = dinode_of(ip->dpage, ip->num);

	d->type = ip->type;
	d->minor = ip->minor;
	d->nlink = ip->nlink;
	d->size = ip->size;
	memcpy(d->addrs, ip->addrs, sizeof(d->addrs));
	if (ip->type && !ip->nlink) {
		// A neighbour in the list may be changing it.
		acquire(&itable_lock);
		d->major = ip->orphan_next;
		release(&itable_lock);
	} else {
		d->major = (ushort)ip->major;
	}
	log_write(op, ip->dpage);
}

void
itable_add_orphan(struct log_op *op, struct inode *ip)
{
	acquire(&itable_lock);
	ip->orphan_next = fs_super->orphan;
	fs_super->orphan = ip->num;
	list_push(&orphans, &ip->orphans);
	release(&itable_lock);
	log_write(op, super_page);
}

static void
remove_orphan(struct log_op *op, struct inode *ip)
{
	struct page *pg = super_page;

	acquire(&itable_lock);
	if (ip->orphans.prev == &orphans) {
		fs_super->orphan = ip->orphan_next;
	} else {
		struct inode *prev =
			list_entry(ip->orphans.prev, struct inode, orphans);

		prev->orphan_next = ip->orphan_next;
		pg = prev->dpage;
		dinode_of(pg, prev->num)->major = ip->orphan_next;
	}
	list_remove(&ip->orphans);
	release(&itable_lock);
	log_write(op, pg);
}

// ---- References -------------------------------------------------------------

struct inode *
inode_get(struct inode *ip)
{
	assert(ip->refs > 0);
	__atomic_add_fetch(&ip->refs, 1, __ATOMIC_RELAXED);
	return ip;
}

// Frees a file without names: its blocks, in as many operations as that takes,
// then its number. If that fails it stays an orphan, for the next mount.
static void
destroy(struct inode *ip)
{
	struct log_op op;

	mutex_lock(&ip->lock);
	if (map_cut(ip, 0) == 0 && log_begin(&op, 2, 0) == 0) {
		remove_orphan(&op, ip);
		ip->type = 0;
		itable_update(&op, ip);
		log_end(&op);
	}
	mutex_unlock(&ip->lock);
}

// Drops a reference that is not the last one.
static bool
put_one_of_many(struct inode *ip)
{
	int refs = ip->refs;

	while (refs > 1)
		if (__atomic_compare_exchange_n(&ip->refs, &refs, refs - 1,
						false, __ATOMIC_RELEASE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

void
inode_put(struct inode *ip)
{
	if (put_one_of_many(ip))
		return;
	acquire(&itable_lock);
	if (ip->refs == 1 && ip->valid && ip->type && !ip->nlink) {
		// Nobody can come by a new reference to a nameless inode of
		// which we have the last, so that the lock may go meanwhile.
		release(&itable_lock);
		destroy(ip);
		acquire(&itable_lock);
	}
	assert(ip->refs > 0);
	if (__atomic_sub_fetch(&ip->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		list_append(&idle, &ip->idle);
		nidle++;
		if (ip->valid && !ip->type)
			hint = min_uint(hint, ip->num);
		if (nidle > max_idle)
			shrink_idle(4);
	}
	release(&itable_lock);
}

void
itable_reclaim_orphans(void)
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
		acquire(&itable_lock);
		list_push(&orphans, &ip->orphans);
		release(&itable_lock);
		inode_put(ip);
		if (fs_super->orphan == num)
			break; // it could not be freed
		count++;
	}
	if (count)
		printk("fs: freed %u files that had lost their names\n", count);
}
