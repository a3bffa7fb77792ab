// The heap: blocks that know their neighbours.
//
// The heap is a row of blocks. A header says how long its block is, and how
// long the block before it is. So free() finds both neighbours and joins free
// blocks. The links of the list of free blocks stand in the blocks themselves.
// A stretch of memory from sbrk ends with a header of size 0 that counts as
// used, so that joining stops there. If the next stretch follows directly, that
// header becomes the header of its first block.
//
//	| hdr | payload    | hdr | payload | hdr 0 |
//	  size = hdr + payload, a multiple of 8; bit 0: in use
//
// Invariant: no two neighbours are both free. malloc_lock guards all of it; the
// functions above the line "What programs call" hold the lock.
#include "lib/list.h"
#include "user/lib/thread.h"

struct block {
	size_t before;       // size of the block before; 0: there is none
	size_t size;         // with the header; bit 0 says that it is in use
	struct list link;    // in free_blocks; a used block's payload
};

enum {
	HEADER = offsetof(struct block, link),
	BLOCK_MIN = sizeof(struct block),
	STRETCH_MIN = 64 * 1024, // ask the kernel for at least this much
};
#define SIZE_LIMIT 0x7f000000u // no block is larger; keeps sums below 2^31

static struct list free_blocks = LIST_INIT(free_blocks);
static struct block *last; // the header of size 0 of the newest stretch

static size_t
block_size(const struct block *b)
{
	return b->size & ~1u;
}

static bool
block_used(const struct block *b)
{
	return b->size & 1;
}

static struct block *
block_after(const struct block *b)
{
	return (struct block *)((char *)b + block_size(b));
}

static struct block *
block_before(const struct block *b)
{
	return (struct block *)((char *)b - b->before);
}

static struct block *
payload_block(void *p)
{
	return container_of(p, struct block, link);
}

// Sets b's size and the copy of it in its neighbour.
static void
block_set(struct block *b, size_t size, bool used)
{
	b->size = size | used;
	block_after(b)->before = size;
}

// Frees b, joined with its free neighbours.
static void
block_free(struct block *b)
{
	size_t size = block_size(b);
	struct block *after = block_after(b);

	if (!block_used(after)) {
		list_remove(&after->link);
		size += block_size(after);
	}
	if (b->before != 0 && !block_used(block_before(b))) {
		b = block_before(b);
		list_remove(&b->link);
		size += block_size(b);
	}
	block_set(b, size, false);
	list_push(&free_blocks, &b->link);
}

// Cuts b down to size, if the rest is enough for a block.
static void
block_trim(struct block *b, size_t size)
{
	size_t rest = block_size(b) - size;

	if (rest < BLOCK_MIN)
		return;
	block_set(b, size, true);
	block_set(block_after(b), rest, true);
	block_free(block_after(b));
}

// The size of the block for n bytes; 0 if that is impossible.
static size_t
size_for(size_t n)
{
	if (n > SIZE_LIMIT - HEADER)
		return 0;
	return max_uint((n + HEADER + 7) & ~7u, BLOCK_MIN);
}

// Gets a stretch from the kernel with room for a block of `size`. The stretch
// is aligned here, because a program may have moved the heap's end with sbrk.
static bool
heap_grow(size_t size)
{
	size_t want = max_uint(size + 2 * HEADER + 8, STRETCH_MIN);
	char *p = sbrk(want);
	struct block *b;

	if (p == (char *)-1 && want == STRETCH_MIN) {
		want = size + 2 * HEADER + 8;
		p = sbrk(want);
	}
	if (p == (char *)-1)
		return false;
	if (last && p == (char *)last + HEADER) {
		b = last;
		want += HEADER;
	} else {
		size_t skip = -(uintptr_t)p & 7;

		b = (struct block *)(p + skip);
		b->before = 0;
		want -= skip;
	}
	want = (want - HEADER) & ~7u;
	last = (struct block *)((char *)b + want);
	last->size = 0 | 1;
	block_set(b, want, true);
	block_free(b);
	return true;
}

// Returns the first free block that is large enough.
static struct block *
block_find(size_t size)
{
	list_for_each (b, &free_blocks, struct block, link)
		if (block_size(b) >= size)
			return b;
	return NULL;
}

// A used block of `size`, or NULL.
static struct block *
block_take(size_t size)
{
	struct block *b = block_find(size);

	if (!b && heap_grow(size))
		b = block_find(size);
	if (!b)
		return NULL;
	list_remove(&b->link);
	block_set(b, block_size(b), true);
	block_trim(b, size);
	return b;
}

// Joins b with the free block behind it, if that makes b large enough.
static bool
block_extend(struct block *b, size_t size)
{
	struct block *after = block_after(b);

	if (block_used(after) || block_size(b) + block_size(after) < size)
		return false;
	list_remove(&after->link);
	block_set(b, block_size(b) + block_size(after), true);
	return true;
}

// Makes b's size `size` where b is. False if that is impossible.
static bool
block_resize(struct block *b, size_t size)
{
	if (size > block_size(b) && !block_extend(b, size))
		return false;
	block_trim(b, size);
	return true;
}

// ---- What programs call -----------------------------------------------------

void *
malloc(size_t n)
{
	size_t size = size_for(n);
	struct block *b = NULL;

	if (size != 0) {
		lock_take(&malloc_lock);
		b = block_take(size);
		lock_give(&malloc_lock);
	}
	if (!b) {
		errno = ENOMEM;
		return NULL;
	}
	return &b->link;
}

void
free(void *p)
{
	if (!p)
		return;
	lock_take(&malloc_lock);
	assertf(block_used(payload_block(p)), "free(%p): freed before", p);
	block_free(payload_block(p));
	lock_give(&malloc_lock);
}

void *
calloc(size_t count, size_t n)
{
	void *p;

	if (n != 0 && count > SIZE_LIMIT / n) {
		errno = ENOMEM;
		return NULL;
	}
	p = malloc(count * n);
	if (p)
		memset(p, 0, count * n);
	return p;
}

void *
realloc(void *p, size_t n)
{
	size_t size = size_for(n);
	struct block *b;
	bool done = false;
	void *to;

	if (!p)
		return malloc(n);
	b = payload_block(p);
	if (size != 0) {
		lock_take(&malloc_lock);
		done = block_resize(b, size);
		lock_give(&malloc_lock);
	}
	if (done)
		return p;
	to = malloc(n);
	if (!to)
		return NULL;
	memcpy(to, p, block_size(b) - HEADER);
	free(p);
	return to;
}
