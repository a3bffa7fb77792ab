// The journal. log.h has the order of its steps.
//
// Invariants:
//  - Every page in `logged` has PG_LOGGED, a block, and a reference.
//  - nlogged + promised <= log_capacity, so that a transaction always fits.
//  - A frozen page keeps its reference until it is home. So it stays in the
//    cache, and nobody reads the old block from the disk.
//  - Once a commit has failed the disk never changes again. The pages of that
//    transaction stay in memory, and programs still see what they wrote.
#include "fs/log.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "fs/cache.h"
#include "fs/replay.h"
#include "fs/super.h"
#include "kern/clock.h"
#include "kern/mutex.h"
#include "kern/printk.h"
#include "lib/assert.h"
#include "lib/string.h"

#define COMMIT_TICKS (3 * HZ)

static struct spinlock log_lock = SPINLOCK("log", RANK_LOGSTATE);
static struct waitq begin_wait = WAITQ(begin_wait, "log");
static struct waitq due_wait = WAITQ(due_wait, "flusher");
static uint log_capacity;     // [I] pages of a transaction
static uint nopen;        // operations under way
static uint promised;     // the credits that they have left
static uint nlogged;      // pages of the running transaction
static struct page *logged[FS_LOG_MAX];
static uint32_t running_number;  // number of the running transaction
static uint32_t reached;  // all transactions before this one have happened
static bool closed;       // a commit freezes: no operation begins
static bool hurry;        // the flusher is to commit now
static volatile bool failed;

// The commit's lock protects the rest.
static struct mutex commit_lock = MUTEX(commit_lock, "commit", RANK_LOG);
static const struct log_hooks *log_hooks;
static struct log_header *head;
static struct page *frozen[FS_LOG_MAX];
static void *images[FS_LOG_MAX]; // what is written: a copy, or the page itself
static uint nfrozen;
static bool copied;             // images[] are copies
static bool unflushed;          // data was written since the last FLUSH

int
log_mount(const struct superblock *sb, uint32_t seq,
	  const struct log_hooks *hooks)
{
	log_hooks = hooks;
	if (!head)
		head = kalloc_zero();
	if (!head)
		return -ENOMEM;
	head->magic = FS_LOG_MAGIC;
	head->seq = seq;
	log_capacity = min_uint(sb->log_blocks - 1, FS_LOG_MAX);
	return 0;
}

// ---- Operations -------------------------------------------------------------

// Begins an operation if that is possible now. Returns 1 if it has; 0 after a
// wait, when the caller tries again; -EAGAIN if the journal is full; -EROFS.
static int
try_begin(uint credits)
{
	int r = 1;

	acquire(&log_lock);
	if (failed) {
		r = -EROFS;
	} else if (closed) {
		while (closed)
			wait_on(&begin_wait, &log_lock);
		r = 0;
	} else if (nlogged + promised + credits > log_capacity) {
		r = -EAGAIN;
	} else {
		nopen++;
		promised += credits;
	}
	release(&log_lock);
	return r;
}

int
log_begin(struct log_op *op, uint credits)
{
	int r;

	while ((r = try_begin(credits)) <= 0) {
		if (r == -EAGAIN)
			r = log_commit(false);
		if (r < 0)
			return -EROFS;
	}
	op->credits = credits;
	return 0;
}

void
log_write(struct log_op *op, struct page *pg)
{
	// No lock is needed: the flag goes only when all operations have ended.
	if (pg->flags & PG_LOGGED)
		return;
	acquire(&log_lock);
	if (cache_log(pg)) {
		assertf(op->credits && pg->block, "block %u", pg->block);
		page_get(pg);
		logged[nlogged++] = pg;
		op->credits--;
		promised--;
	}
	release(&log_lock);
}

void
log_end(struct log_op *op)
{
	acquire(&log_lock);
	promised -= op->credits;
	if (--nopen == 0 && closed)
		wake_all(&begin_wait);
	if (nlogged > log_capacity / 2 && !hurry) {
		hurry = true;
		wake_one(&due_wait);
	}
	release(&log_lock);
}

// ---- The commit -------------------------------------------------------------

static void
open_again(void)
{
	acquire(&log_lock);
	closed = false;
	wake_all(&begin_wait);
	release(&log_lock);
}

// Closes the journal and waits until all operations under way have ended.
static void
close_and_drain(void)
{
	acquire(&log_lock);
	closed = true;
	while (nopen)
		wait_on(&begin_wait, &log_lock);
	running_number++;
	hurry = false;
	release(&log_lock);
}

// Copies all frozen pages. If there is no memory for that, the pages themselves
// are written, and the journal stays closed until they are.
static void
copy_images(uint n)
{
	uint i;

	for (i = 0; i < n && (images[i] = kalloc()); i++)
		memcpy(images[i], page_va(frozen[i]), PGSIZE);
	copied = i == n;
	if (copied)
		return;
	while (i-- > 0)
		kfree(images[i]);
	for (i = 0; i < n; i++)
		images[i] = page_va(frozen[i]);
}

// Moves the pages of the running transaction to frozen[]. A page that has left
// the cache has lost its block, perhaps to another file, and is not written.
static uint
take_logged(void)
{
	uint n = 0;

	for (uint i = 0; i < nlogged; i++) {
		struct page *pg = logged[i];

		cache_unlog(pg);
		if (!pg->owner) {
			page_put(pg);
			continue;
		}
		frozen[n] = pg;
		head->home[n++] = pg->block;
		log_hooks->frozen(pg->block);
	}
	nlogged = 0;
	nfrozen = n;
	return n;
}

// Makes the running transaction the frozen one. Returns its number of pages.
static uint
freeze(void)
{
	uint n;

	close_and_drain();
	n = take_logged();
	cache_freeze();
	copy_images(n);
	if (copied)
		open_again();
	return n;
}

// Writes images to consecutive blocks from `block` on.
static int
write_images(uint block, uint from, uint n)
{
	for (uint i = 0; i < n; i += BLK_MAXRUN)
		if (cache_io(BLK_WRITE, block + i, &images[from + i],
			     min_uint(n - i, BLK_MAXRUN)))
			return -EIO;
	return 0;
}

// Steps 2 and 3. After them the transaction has happened.
static int
write_journal(uint n)
{
	if (write_images(FS_LOG + 1, 0, n) || blk_flush(fs_disk))
		return -EIO;
	head->count = n;
	head->seq++;
	head->sum = replay_sum_header(head);
	for (uint i = 0; i < n; i++)
		head->sum = replay_sum(head->sum, images[i], PGSIZE);
	if (blk_write(fs_disk, FS_LOG, head))
		return -EIO;
	return blk_flush(fs_disk);
}

// Steps 4 and 5.
static int
install_home(uint n)
{
	for (uint i = 0, run; i < n; i += run) {
		for (run = 1; i + run < n; run++)
			if (head->home[i + run] != head->home[i] + run)
				break;
		if (write_images(head->home[i], i, run))
			return -EIO;
	}
	if (blk_flush(fs_disk))
		return -EIO;
	head->count = 0;
	return blk_write(fs_disk, FS_LOG, head);
}

// Drops the frozen transaction, which is home.
static void
thaw(uint n)
{
	for (uint i = 0; i < n; i++) {
		log_hooks->installed(head->home[i], images[i]);
		page_put(frozen[i]);
	}
}

static void
free_images(void)
{
	for (uint i = 0; copied && i < nfrozen; i++)
		kfree(images[i]);
	nfrozen = 0;
}

static int
commit(bool durable)
{
	uint n = freeze();
	int r = cache_writeback();

	if (r < 0)
		return r;
	unflushed = unflushed || r > 0;
	if (n && (write_journal(n) || install_home(n)))
		return -EIO;
	if (n)
		unflushed = false;
	thaw(n);
	if (durable && unflushed && blk_flush(fs_disk))
		return -EIO;
	unflushed = unflushed && !durable;
	return 0;
}

void
log_stop(const char *why)
{
	acquire(&log_lock);
	failed = true;
	release(&log_lock);
	printk("fs: %s: %s; the file system is read-only now: run fsck\n",
	       fs_disk->name, why);
}

int
log_commit(bool durable)
{
	int err = -EIO;

	mutex_lock(&commit_lock);
	if (!failed) {
		err = commit(durable);
		if (err)
			log_stop("it cannot be written");
		else
			reached = running_number;
		free_images();
		open_again();
	}
	mutex_unlock(&commit_lock);
	return err;
}

bool
log_failed(void)
{
	return failed;
}

uint32_t
log_running(void)
{
	return running_number;
}

int
log_reach(uint32_t number)
{
	// The difference is right even if the numbers wrap around.
	if ((int32_t)(reached - number) > 0)
		return 0;
	return log_commit(false);
}

// ---- When -------------------------------------------------------------------

void
log_hurry(void)
{
	acquire(&log_lock);
	hurry = true;
	wake_one(&due_wait);
	release(&log_lock);
}

void
log_wait_due(void)
{
	uint64_t deadline = clock_ticks() + COMMIT_TICKS;

	acquire(&log_lock);
	while (!hurry && clock_ticks() < deadline)
		if (wait_until(&due_wait, &log_lock, deadline))
			break;
	hurry = false;
	release(&log_lock);
}
