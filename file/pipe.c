// Pipes. The ring's positions count bytes since the pipe was made and wrap with
// the machine's words, so `in - out` is what the ring holds, full or empty:
//
//	         out                 in
//	          v                  v
//	|---------#####################--------------|  PIPE_PAGES, cyclic
//
// A few bytes are copied with the lock held, by a copy that does not wait for a
// page of the user's (mm/uaccess.h). If that fails, or for many bytes, a thread
// takes the turn of its side (side->busy). Then the position of that side is
// its own: it copies without the lock. In both ways the position moves after
// the copy. So bytes that could not be copied were never put in or taken out.
//
// A sleeper says how much it waits for (side->want). So a reader that takes
// single bytes does not wake a writer that needs a whole page after each byte.
#include "file/pipe.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "kern/slab.h"
#include "kern/wait.h"
#include "mm/uaccess.h"

#define PIPE_SIZE (PIPE_PAGES * PGSIZE)
#define PIPE_ATOMIC PGSIZE // a write up to this size is not mixed with others
#define PIPE_SHORT 1024    // up to so many bytes are copied under the lock
#define NOBODY UINT32_MAX  // side->want: nobody sleeps

_Static_assert((PIPE_SIZE & (PIPE_SIZE - 1)) == 0, "positions wrap at 2^32");

// Letter: [p] pipe->lock.
struct side {
	bool open;          // [p] a file of this side is open
	bool busy;          // [p] a thread copies
	uint want;          // [p] least amount that a sleeper needs, or NOBODY
	struct waitq queue;
};

struct pipe {
	struct spinlock lock;   // RANK_PIPE
	uint in;                // [p] bytes ever written; the busy writer's own
	uint out;               // [p] bytes ever read; the busy reader's own
	struct side read, write;
	char *page[PIPE_PAGES]; // [I]
};

static struct slab pipes;

void
pipe_init(void)
{
	slab_init(&pipes, "pipe", sizeof(struct pipe));
}

static void
side_init(struct side *s, const char *name)
{
	s->open = true;
	s->want = NOBODY;
	waitq_init(&s->queue, name);
}

static void
pipe_free(struct pipe *p)
{
	for (uint i = 0; i < PIPE_PAGES && p->page[i]; i++)
		kfree(p->page[i]);
	slab_free(&pipes, p);
}

struct pipe *
pipe_new(void)
{
	struct pipe *p = slab_alloc(&pipes);

	if (!p)
		return NULL;
	lock_init(&p->lock, "pipe", RANK_PIPE);
	side_init(&p->read, "pipe read");
	side_init(&p->write, "pipe write");
	for (uint i = 0; i < PIPE_PAGES; i++) {
		p->page[i] = kalloc();
		if (!p->page[i]) {
			pipe_free(p);
			return NULL;
		}
	}
	return p;
}

// ---- Turns ------------------------------------------------------------------

// What side s could move: bytes for a reader, room for a writer. Holds p->lock.
static uint
side_has(const struct pipe *p, const struct side *s)
{
	uint used = p->in - p->out;

	return s == &p->read ? used : PIPE_SIZE - used;
}

// Wakes the sleepers of side s if one of them waits for `has` or less. has ==
// NOBODY wakes them in any case. Holds p->lock. A sleeper's want is less than
// NOBODY.
static void
side_wake(struct side *s, uint has)
{
	if (has < s->want || s->want == NOBODY)
		return;
	s->want = NOBODY;
	wake_all(&s->queue);
}

// Waits until side s has no turn taken and can move `need` bytes, or until the
// other side is closed. Returns how much may be moved: 0 if there is nothing to
// move and the other side is closed. Or -EINTR. Holds p->lock.
static int
side_wait(struct pipe *p, struct side *s, struct side *other, uint need)
{
	int err;

	while (s->busy || (other->open && side_has(p, s) < need)) {
		s->want = min_uint(s->want, need);
		err = wait_killable(&s->queue, &p->lock);
		if (err)
			return err;
	}
	// With the read side closed there is no room for a writer. With the
	// write side closed a reader still gets what is in the ring.
	return other->open || s == &p->read ? side_has(p, s) : 0;
}

void
pipe_close(struct pipe *p, bool write_side)
{
	struct side *s = write_side ? &p->write : &p->read;
	struct side *other = write_side ? &p->read : &p->write;
	bool last;

	acquire(&p->lock);
	s->open = false;
	last = !other->open;
	side_wake(other, NOBODY);
	release(&p->lock);
	if (last)
		pipe_free(p);
}

// ---- Bytes ------------------------------------------------------------------

// How many of the n bytes at position pos lie in one page of the ring. *at is
// the place of the first.
static uint
ring_piece(const struct pipe *p, uint pos, uint n, char **at)
{
	uint off = pos % PIPE_SIZE;

	*at = p->page[off / PGSIZE] + PGOFFSET(off);
	return min_uint(n, PGSIZE - PGOFFSET(off));
}

// Copies n bytes out of the ring to the user (s is the read side), or in.
// Returns how many were copied: fewer than n if user memory fails on the way.
// If it fails at the first piece, the error. Holds p->lock, or has the turn.
static int
ring_copy(struct pipe *p, const struct side *s, char __user *user, uint n)
{
	uint pos = s == &p->read ? p->out : p->in, done, piece;
	int err = 0;
	char *at;

	for (done = 0; done < n; done += piece) {
		piece = ring_piece(p, pos + done, n - done, &at);
		err = s == &p->read ? copyout_now(user + done, at, piece)
				    : copyin_now(at, user + done, piece);
		if (err)
			break;
	}
	return done > 0 ? (int)done : err;
}

// The same without the lock. Other threads of this side wait meanwhile. Holds
// p->lock, and gives it up for a while.
static int
ring_copy_in_turn(struct pipe *p, struct side *s, char __user *user, uint n)
{
	int r;

	s->busy = true;
	release(&p->lock);
	r = ring_copy(p, s, user, n);
	acquire(&p->lock);
	s->busy = false;
	side_wake(s, NOBODY); // who waited for the turn alone
	return r;
}

// Moves up to n bytes, as soon as there are `need`. Returns how many; 0 if the
// other side is closed; or an error.
static int
side_move(struct pipe *p, struct side *s, char __user *user, uint n, uint need)
{
	struct side *other = s == &p->read ? &p->write : &p->read;
	int r, copied = 0;

	acquire(&p->lock);
	r = side_wait(p, s, other, need);
	n = r > 0 ? min_uint(n, r) : 0;
	if (n > 0 && n <= PIPE_SHORT)
		copied = ring_copy(p, s, user, n);
	if (copied != (int)n)
		copied = ring_copy_in_turn(p, s, user, n);
	if (copied > 0) {
		*(s == &p->read ? &p->out : &p->in) += copied;
		side_wake(other, side_has(p, other));
	}
	release(&p->lock);
	return n > 0 ? copied : r;
}

int
pipe_read(struct pipe *p, void __user *dst, uint n)
{
	return n > 0 ? side_move(p, &p->read, dst, n, 1) : 0;
}

int
pipe_write(struct pipe *p, const void __user *src, uint n)
{
	char __user *from = (char __user *)src;
	uint done = 0;
	int r = 0;

	while (done < n && r >= 0) {
		r = side_move(p, &p->write, from + done, n - done,
			      min_uint(n - done, PIPE_ATOMIC));
		if (r == 0)
			r = -EPIPE;
		if (r > 0)
			done += r;
	}
	return done > 0 ? (int)done : r;
}
