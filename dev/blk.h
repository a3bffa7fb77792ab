// Disks: numbered from 0 in the order in which they are found; requests with a
// status. Blocks are BLK_SIZE bytes, pages move whole.
//
//	submitter             blk                       driver (dev/ide)
//	    | blk_submit(d, r) |                           |
//	    +----------------->| checks    d->submit(d, r) |
//	    |                  +-------------------------->| queues, starts
//	    |                  |                           |   ... interrupt
//	    | done(r), or      |        blk_end(r, status) |
//	    |<-----------------+<--------------------------+ starts the next
//	    | blk_wait wakes   |                           |
#pragma once
#include "kern/wait.h"
#include "lib/list.h"
#include "lib/types.h"

#define BLK_SIZE   4096
#define BLK_MAXRUN 32 // blocks in one request
#define BLK_MAXDISK 4

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH };

// done is called at the end, with interrupts off and no lock of the driver
// held; it may submit. NULL: somebody calls blk_wait. The pages are kalloc's,
// or other kernel memory aligned to 4096.
struct blk_req {
	struct list link; // the driver's, while it is queued
	enum blk_op op;
	uint block, count;		// count <= BLK_MAXRUN (flush: 0)
	void *page[BLK_MAXRUN];		// addresses of count pages
	volatile int status;		// BLK_PENDING, then 0 or -EIO
	void (*done)(struct blk_req *); // see above
	void *ctx;			// the submitter's
	struct blk_disk *disk;		// blk's: where it went
	struct waitq *waiter;		// blk's: who sleeps in blk_wait
};
#define BLK_PENDING 1

struct blk_disk {
	const char *name;  // "ide0.0"
	uint blocks;       // size in whole blocks
	void (*submit)(struct blk_disk *d, struct blk_req *r); // the driver's
	void *driver;
};

// For drivers, while the kernel starts: a new disk. Returns 0 or -ENOSPC.
int blk_add(struct blk_disk *d) __must_check;

int blk_count(void);
struct blk_disk *blk_disk(int n); // NULL if there is none

// Queues r; it will end with r->status set and, if given, done(r) called. Does
// not sleep. A block outside of the disk ends with -EIO. A device that does not
// answer ends its request with -EIO after ten seconds (a flush: half a minute).
// done may be called before this returns: hold no lock that it takes. A read
// that failed may have changed its pages. Requests of a disk are carried out in
// the order in which they come, a flush among them.
void blk_submit(struct blk_disk *d, struct blk_req *r);
// Sleeps until r (submitted with done == NULL) has ended. Returns its status.
int blk_wait(struct blk_req *r) __must_check;
// One page, now. Sleeps. 0 or -EIO.
int blk_read(struct blk_disk *d, uint block, void *page) __must_check;
int blk_write(struct blk_disk *d, uint block, const void *page) __must_check;
// All writes that ended before it are on the medium (FLUSH CACHE). 0 or -EIO.
int blk_flush(struct blk_disk *d) __must_check;

// For drivers: r has ended with status 0 or -EIO. r may be gone after it. Holds
// no lock of the driver, interrupts off.
void blk_end(struct blk_req *r, int status);

// Since the start, for meminfo: blocks, and threads that slept in blk_wait.
// Added to atomically (whoever sleeps for done() by other means adds to waits
// too).
struct blk_counts { uint reads, writes, waits; };
extern struct blk_counts blk_counts;
