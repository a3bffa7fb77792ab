// Disks, numbered from 0 in the order in which they are found, and requests to
// them. A request moves whole pages; a block is a page of BLK_SIZE bytes.
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

// At its end done is called, with interrupts off and no lock of the driver
// held. It may submit requests. Without done the submitter calls blk_wait. The
// pages come from kalloc, or are other kernel memory aligned to 4096.
struct blk_req {
	struct list link; // the driver's, while it is queued
	enum blk_op op;
	uint block, count;		// count <= BLK_MAXRUN (flush: 0)
	void *page[BLK_MAXRUN];		// addresses of count pages
	volatile int status;		// BLK_PENDING, then 0 or -EIO
	void (*done)(struct blk_req *); // see above
	void *ctx;			// for the submitter
	struct blk_disk *disk;		// for blk: the request's disk
	struct waitq *waiter;		// for blk: the sleeper in blk_wait
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

// Queues r. At its end r->status is set, and done(r) is called if there is one.
// Does not sleep. done may be called before this returns: hold no lock that it
// takes. A request beyond the end of the disk ends with -EIO. So does one whose
// disk does not answer for ten seconds (a flush: half a minute). A read that
// fails may change its pages. A disk carries out its requests, flushes too, in
// the order of their submission.
void blk_submit(struct blk_disk *d, struct blk_req *r);
// Sleeps until r (submitted with done == NULL) has ended. Returns its status.
int blk_wait(struct blk_req *r) __must_check;
// One page, now. Sleeps. 0 or -EIO.
int blk_read(struct blk_disk *d, uint block, void *page) __must_check;
int blk_write(struct blk_disk *d, uint block, const void *page) __must_check;
// Waits until all writes that have ended are on the medium (FLUSH CACHE).
// Sleeps. 0 or -EIO.
int blk_flush(struct blk_disk *d) __must_check;

// For drivers: ends r with status 0 or -EIO. Do not use r afterwards. Call with
// no lock of the driver held and interrupts off.
void blk_end(struct blk_req *r, int status);

// Counts since the start, for meminfo: blocks read and written, and sleeps
// until a request's end. Code that sleeps for its done() adds to waits too,
// atomically.
struct blk_counts { uint reads, writes, waits; };
extern struct blk_counts blk_counts;
