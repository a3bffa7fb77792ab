// Pipes. The ring's positions count bytes since the pipe was made and wrap with
// the machine's words, so `in - out` is what the ring holds, full or empty:
//
//	         out                 in
//	          v                  v
//	|---------#####################--------------|  PIPE_PAGES, cyclic
//
// User memory is never touched with the lock held. A thread first takes the
// turn of its side (side->busy). Then the position of that side is its own: it
// copies without the lock and stores the new position when it gives the turn
// back. So bytes that could not be copied were never put in or taken out.
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
// NOBODY wakes them in any case. Holds p->lock.
static void
side_wake(struct side *s, uint has)
{
	if (has < s->want)
		return;
	s->want = NOBODY;
	wake_all(&s->queue);
}

// Waits until side s has no turn taken and can move `need` bytes, or until the
// other side is closed. Takes the turn and returns how much may be moved
// (side_leave must follow). Without the turn: 0 if there is nothing to move and
// the other side is closed, or -EINTR.
static int
side_enter(struct pipe *p, struct side *s, struct side *other, uint need)
{
	int r = 0;

	acquire(&p->lock);
	while (s->busy || (other->open && side_has(p, s) < need)) {
		s->want = min_uint(s->want, need);
		r = wait_killable(&s->queue, &p->lock);
		if (r)
			break;
	}
	// With the read side closed there is no room for a writer. With the
	// write side closed a reader still gets what is in the ring.
	if (!r && (other->open || s == &p->read))
		r = side_has(p, s);
	if (r > 0)
		s->busy = true;
	release(&p->lock);
	return r;
}

// Gives the turn back after `moved` bytes went in or out.
static void
side_leave(struct pipe *p, struct side *s, struct side *other, uint moved)
{
	acquire(&p->lock);
	s->busy = false;
	if (s == &p->read)
		p->out += moved;
	else
		p->in += moved;
	side_wake(other, side_has(p, other));
	// Another thread of this side may have waited for the turn alone.
	side_wake(s, other->open ? side_has(p, s) : NOBODY);
	release(&p->lock);
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

// This and ring_from_user return how many bytes were copied: fewer than n if
// user memory fails on the way. If it fails at the first piece, the error. The
// caller has the turn.
static int
ring_to_user(struct pipe *p, char __user *dst, uint n)
{
	uint done, piece;
	int err = 0;
	char *at;

	for (done = 0; done < n; done += piece) {
		piece = ring_piece(p, p->out + done, n - done, &at);
		err = copyout(dst + done, at, piece);
		if (err)
			break;
	}
	return done > 0 ? (int)done : err;
}

static int
ring_from_user(struct pipe *p, const char __user *src, uint n)
{
	uint done, piece;
	int err = 0;
	char *at;

	for (done = 0; done < n; done += piece) {
		piece = ring_piece(p, p->in + done, n - done, &at);
		err = copyin(at, src + done, piece);
		if (err)
			break;
	}
	return done > 0 ? (int)done : err;
}

int
pipe_read(struct pipe *p, void __user *dst, uint n)
{
	int r;

	if (n == 0)
		return 0;
	r = side_enter(p, &p->read, &p->write, 1);
	if (r <= 0)
		return r;
	r = ring_to_user(p, dst, min_uint(n, r));
	side_leave(p, &p->read, &p->write, r > 0 ? r : 0);
	return r;
}

int
pipe_write(struct pipe *p, const void __user *src, uint n)
{
	uint done = 0;
	int r = 0;

	while (done < n) {
		r = side_enter(p, &p->write, &p->read,
			       min_uint(n - done, PIPE_ATOMIC));
		if (r == 0)
			r = -EPIPE;
		if (r < 0)
			break;
		r = ring_from_user(p, (const char __user *)src + done,
				   min_uint(n - done, r));
		side_leave(p, &p->write, &p->read, r > 0 ? r : 0);
		if (r < 0)
			break;
		done += r;
	}
	return done > 0 ? (int)done : r;
}
