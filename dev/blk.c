// The list of disks, and what is the same for every driver: the check of a
// request before it is queued, and the wait for its end.
//
// Invariants: disks[0..ndisks) are constant once the drivers have looked for
// their disks. A request without done() changes its status under blk_lock only.
// So blk_wait cannot return, and its caller cannot use the request again,
// before blk_end has finished with it.
#include "dev/blk.h"
#include "abi/errno.h"
#include "kern/lock.h"
#include "lib/assert.h"
#include "memlayout.h"
#include "x86/cpu.h"

struct blk_counts blk_counts;

static struct blk_disk *disks[BLK_MAXDISK];
static int ndisks;
static struct spinlock blk_lock = SPINLOCK("blk", RANK_BLK);

int
blk_add(struct blk_disk *d)
{
	if (ndisks == BLK_MAXDISK)
		return -ENOSPC;
	disks[ndisks++] = d;
	return 0;
}

int
blk_count(void)
{
	return ndisks;
}

struct blk_disk *
blk_disk(int n)
{
	return n >= 0 && n < ndisks ? disks[n] : NULL;
}

static void
count(uint *counter, uint n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

// Asserts what only our own mistakes can break. A block number may come from a
// bad image, and is not checked here.
static void
check_request(const struct blk_req *r)
{
	assertf(r->op == BLK_FLUSH || (r->count > 0 && r->count <= BLK_MAXRUN),
		"count %u", r->count);
	for (uint i = 0; i < r->count; i++)
		assertf((vaddr_t)r->page[i] >= KERNBASE &&
				(vaddr_t)r->page[i] < KSTACKS &&
				(vaddr_t)r->page[i] % BLK_SIZE == 0,
			"page %p", r->page[i]);
}

void
blk_submit(struct blk_disk *d, struct blk_req *r)
{
	if (r->op == BLK_FLUSH)
		r->block = r->count = 0;
	check_request(r);
	r->status = BLK_PENDING;
	r->disk = d;
	r->waiter = NULL;
	if (r->count > d->blocks || r->block > d->blocks - r->count) {
		cpu_irq_off();
		blk_end(r, -EIO);
		cpu_irq_on();
		return;
	}
	if (r->op == BLK_READ)
		count(&blk_counts.reads, r->count);
	else if (r->op == BLK_WRITE)
		count(&blk_counts.writes, r->count);
	d->submit(d, r);
}

void
blk_end(struct blk_req *r, int status)
{
	assert(status != BLK_PENDING);
	if (r->done) {
		r->status = status;
		r->done(r);
		return;
	}
	acquire(&blk_lock);
	r->status = status;
	if (r->waiter)
		wake_one(r->waiter);
	release(&blk_lock);
}

int
blk_wait(struct blk_req *r)
{
	struct waitq ended;

	assert(!r->done);
	waitq_init(&ended, "disk");
	acquire(&blk_lock);
	r->waiter = &ended;
	if (r->status == BLK_PENDING)
		count(&blk_counts.waits, 1);
	while (r->status == BLK_PENDING)
		wait_on(&ended, &blk_lock);
	release(&blk_lock);
	return r->status;
}

static int
blk_now(struct blk_disk *d, enum blk_op op, uint block, void *page)
{
	struct blk_req r = {
		.op = op, .block = block, .count = 1, .page = {page}};

	blk_submit(d, &r);
	return blk_wait(&r);
}

int
blk_read(struct blk_disk *d, uint block, void *page)
{
	return blk_now(d, BLK_READ, block, page);
}

int
blk_write(struct blk_disk *d, uint block, const void *page)
{
	return blk_now(d, BLK_WRITE, block, (void *)page);
}

int
blk_flush(struct blk_disk *d)
{
	return blk_now(d, BLK_FLUSH, 0, NULL);
}
