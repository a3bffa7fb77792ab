// The table of inodes in memory.
//
// Invariants:
//  - A valid inode has a reference to its page of the inode table (dpage). So
//    itable_update cannot fail.
//  - Only itable_new finds a free inode.
//  - Orphans in memory stand in the order of the list on disk. So an orphan
//    leaves that list by a change of the orphan before it.
#include "fs/itable.h"
#include "abi/errno.h"
#include "fs/cache.h"
#include "fs/dirindex.h"
#include "fs/super.h"
#include "kern/printk.h"
#include "kern/slab.h"
#include "lib/assert.h"
#include "lib/string.h"

#define NBUCKETS 256

static struct spinlock itable_lock = SPINLOCK("itable", RANK_ITABLE);
static struct slab inode_slab;
static struct list itable[NBUCKETS];
static struct list idle_inodes = LIST_INIT(idle_inodes); // oldest first
static struct list orphans = LIST_INIT(orphans);
static struct page *super_page;
static struct inode *root_dir; // [I] from the mount on
static uint nidle, max_idle;
static uint hint = FS_ROOT + 1; // no inode below it can be given out

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
	int err = cache_meta(FS_SUPER, &super_page);

	if (err)
		return err;
	fs_super = page_va(super_page);
	return 0;
}

// ---- Finding and making -----------------------------------------------------

// All functions up to itable_shrink hold itable_lock.
static struct inode *
find_inode(uint num)
{
	list_for_each (ip, &itable[num % NBUCKETS], struct inode, link)
		if (ip->num == num)
			return ip;
	return NULL;
}

static struct inode *
make_inode(uint num)
{
	struct inode *ip = slab_alloc(&inode_slab);

	if (!ip)
		return NULL;
	ip->num = num;
	ip->pages.ip = ip;
	mutex_init(&ip->lock, "inode", RANK_INODE);
	lock_init(&ip->area_lock, "areas", RANK_AREA_LIST);
	list_init(&ip->areas);
	list_init(&ip->idle_link);
	list_init(&ip->orphan_link);
	list_push(&itable[num % NBUCKETS], &ip->link);
	return ip;
}

// The inode with that number, found or made, with one more reference. NULL if
// memory is out.
static struct inode *
find_or_make(uint num)
{
	struct inode *ip = find_inode(num);

	if (!ip)
		ip = make_inode(num);
	if (!ip)
		return NULL;
	if (!list_empty(&ip->idle_link)) {
		list_remove(&ip->idle_link);
		nidle--;
	}
	__atomic_add_fetch(&ip->refs, 1, __ATOMIC_RELAXED);
	return ip;
}

// Looks at the n oldest idle inodes and frees those without pages. The others
// become the youngest.
static void
shrink_idle(uint n)
{
	while (n-- && !list_empty(&idle_inodes)) {
		struct inode *ip =
			list_first(&idle_inodes, struct inode, idle_link);

		list_remove(&ip->idle_link);
		if (cache_has(&ip->pages) || !list_empty(&ip->orphan_link)) {
			list_append(&idle_inodes, &ip->idle_link);
			continue;
		}
		list_remove(&ip->link);
		nidle--;
		if (ip->dpage)
			page_put(ip->dpage);
		dirindex_drop(&ip->dir_index);
		slab_free(&inode_slab, ip);
	}
}

void
itable_shrink(void)
{
	acquire(&itable_lock);
	list_for_each (ip, &idle_inodes, struct inode, idle_link)
		dirindex_drop(&ip->dir_index);
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
load_inode(struct inode *ip)
{
	const struct dinode *d;
	struct page *pg;
	int err = cache_meta(super_inode_block(fs_super, ip->num), &pg);

	if (err)
		return err;
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
	int err = 0;

	if (!super_is_inode(fs_super, num))
		return -EIO;
	acquire(&itable_lock);
	ip = find_or_make(num);
	release(&itable_lock);
	if (!ip)
		return -ENOMEM;
	if (!ip->valid) {
		mutex_lock(&ip->lock);
		err = ip->valid ? 0 : load_inode(ip);
		mutex_unlock(&ip->lock);
	}
	if (!err && ip->type == 0)
		err = -EIO;
	if (err)
		itable_put(ip);
	*out = ip;
	return err;
}

int
itable_open_root(void)
{
	int err = itable_open(FS_ROOT, &root_dir);

	return err || root_dir->type == T_DIR ? err : -EIO;
}

struct inode *
itable_root(void)
{
	return root_dir;
}

// The first free inode, from num on, in this page of the table. The reference
// claims it. NULL if there is none, or if memory is out: then *r is -ENOMEM.
static struct inode *
claim_free(struct page *pg, uint num, int *r)
{
	struct inode *ip = NULL;
	uint start = num;
	uint end = min_uint((num / FS_IPB + 1) * FS_IPB, fs_super->inodes);

	acquire(&itable_lock);
	for (; num < end && !ip && !*r; num++) {
		struct inode *old = find_inode(num);

		if (dinode_of(pg, num)->type != 0 || (old && old->refs))
			continue;
		ip = find_or_make(num);
		if (!ip)
			*r = -ENOMEM;
	}
	if (!*r && hint == start) // else somebody has freed one below
		hint = num;
	release(&itable_lock);
	return ip;
}

// The disk does not give the page of inode num: as if none of it were free.
static void
skip_page(uint num)
{
	acquire(&itable_lock);
	if (hint == num)
		hint = (num / FS_IPB + 1) * FS_IPB;
	release(&itable_lock);
}

// The same as claim_free, with the page of inode num.
static struct inode *
claim_in_page(uint num, int *r)
{
	struct inode *ip;
	struct page *pg;

	*r = cache_meta(super_inode_block(fs_super, num), &pg);
	if (*r == -EIO) {
		skip_page(num);
		*r = 0;
		return NULL;
	}
	if (*r)
		return NULL;
	ip = claim_free(pg, num, r);
	if (!ip || ip->valid)
		page_put(pg);
	else
		ip->dpage = pg;
	return ip;
}

int
itable_new(struct inode **out)
{
	struct inode *ip = NULL;
	int err = 0;

	for (uint num = hint; !ip && !err && num < fs_super->inodes;
	     num = (num / FS_IPB + 1) * FS_IPB)
		ip = claim_in_page(num, &err);
	if (err)
		return err;
	if (!ip)
		return -ENOSPC;
	ip->valid = true;
	ip->type = ip->nlink = 0;
	ip->size = ip->read_next = ip->next_block = ip->first_free_slot = 0;
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
		// The lock: the next orphan in the list may change this.
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
	list_push(&orphans, &ip->orphan_link);
	release(&itable_lock);
	log_write(op, super_page);
}

void
itable_remove_orphan(struct log_op *op, struct inode *ip)
{
	struct page *pg = super_page;

	acquire(&itable_lock);
	if (ip->orphan_link.prev == &orphans) {
		fs_super->orphan = ip->orphan_next;
	} else {
		struct inode *prev = list_entry(ip->orphan_link.prev,
						struct inode, orphan_link);

		prev->orphan_next = ip->orphan_next;
		pg = prev->dpage;
		dinode_of(pg, prev->num)->major = ip->orphan_next;
	}
	list_remove(&ip->orphan_link);
	release(&itable_lock);
	log_write(op, pg);
}

void
itable_found_orphan(struct inode *ip)
{
	acquire(&itable_lock);
	list_push(&orphans, &ip->orphan_link);
	release(&itable_lock);
}

// ---- References -------------------------------------------------------------

void
itable_put(struct inode *ip)
{
	if (itable_put_one_of_many(ip))
		return;
	acquire(&itable_lock);
	assert(ip->refs > 0);
	if (__atomic_sub_fetch(&ip->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		list_append(&idle_inodes, &ip->idle_link);
		nidle++;
		if (ip->valid && !ip->type)
			hint = min_uint(hint, ip->num);
		if (nidle > max_idle)
			shrink_idle(4);
	}
	release(&itable_lock);
}
