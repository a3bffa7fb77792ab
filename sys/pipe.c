// Pipes. The ring's positions count bytes since the pipe was made and wrap with
// the machine's words, so `in - out` is what the ring holds, full or empty:
//
//	         out                 in
//	          v                  v
//	|---------#####################--------------|  PIPE_PAGES, cyclic
//
// User memory is never touched with the lock held. A thread first takes its
// side's turn (side->busy): then the position of that side is its own, it
// copies without the lock, and publishes the new position when it gives the
// turn back. Bytes that could not be copied were thus never put in or taken
// out.
//
// A sleeper leaves word of how much it waits for (side->want), so that a reader
// who takes single bytes does not wake a writer who needs a page at each of
// them.
#include "sys/pipe.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "kern/slab.h"
#include "kern/wait.h"
#include "mm/uaccess.h"

#define PIPE_PAGES 4
#define PIPE_SIZE (PIPE_PAGES * PGSIZE)
#define PIPE_ATOMIC PGSIZE // a write up to this size goes in in one piece
#define NOBODY UINT32_MAX  // side->want: nobody sleeps

_Static_assert((PIPE_SIZE & (PIPE_SIZE - 1)) == 0, "positions wrap at 2^32");

// Letter: [p] pipe->lock.
struct side {
	bool open;          // [p] somebody may still come
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
	for (uint i = 0; i < PIPE_PAGES && p->page[i] != NULL; i++)
		kfree(p->page[i]);
	slab_free(&pipes, p);
}

struct pipe *
pipe_new(void)
{
	struct pipe *p = slab_alloc(&pipes);

	if (p == NULL)
		return NULL;
	lock_init(&p->lock, "pipe", RANK_PIPE);
	side_init(&p->read, "pipe read");
	side_init(&p->write, "pipe write");
	for (uint i = 0; i < PIPE_PAGES; i++) {
		p->page[i] = kalloc();
		if (p->page[i] == NULL) {
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

// Lets the sleepers of side s look again if one of them waits for no more than
// `has`; NOBODY wakes whoever there is. Holds p->lock.
static void
side_wake(struct side *s, uint has)
{
	if (has < s->want)
		return;
	s->want = NOBODY;
	wake_all(&s->queue);
}

// Waits for the turn of side s with `need` or more to move, or with any less
// that is the last because the other side has closed. Returns how much may be
// moved, with the turn taken (side_leave must follow); 0 without it, if there
// is nothing and the other side has closed; or -EINTR.
static int
side_enter(struct pipe *p, struct side *s, struct side *other, uint need)
{
	int r = 0;

	acquire(&p->lock);
	while (s->busy || (other->open && side_has(p, s) < need)) {
		s->want = min_uint(s->want, need);
		r = wait_killable(&s->queue, &p->lock);
		if (r != 0)
			break;
	}
	// A closed read side is no room for a writer; what is left in the ring
	// is still a reader's.
	if (r == 0 && (other->open || s == &p->read))
		r = side_has(p, s);
	if (r > 0)
		s->busy = true;
	release(&p->lock);
	return r;
}

// Gives the turn back; `moved` bytes went in or out.
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
	// Others of this side may have slept for the turn alone.
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

// The longest piece of n bytes at position pos that lies in one page of the
// ring; *at is its place.
static uint
ring_piece(const struct pipe *p, uint pos, uint n, char **at)
{
	uint off = pos % PIPE_SIZE;

	*at = p->page[off / PGSIZE] + PGOFFSET(off);
	return min_uint(n, PGSIZE - PGOFFSET(off));
}

// Both return the bytes copied, fewer than n if user memory fails on the way,
// or the error if that was at the first piece. The turn of the side is the
// caller's.
static int
ring_to_user(struct pipe *p, char __user *dst, uint n)
{
	uint done, piece;
	int err = 0;
	char *at;

	for (done = 0; done < n; done += piece) {
		piece = ring_piece(p, p->out + done, n - done, &at);
		err = copyout(dst + done, at, piece);
		if (err != 0)
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
		if (err != 0)
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
