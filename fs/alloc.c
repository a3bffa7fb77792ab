// Free blocks. alloc.h says why there are two bitmaps.
//
//	transaction:        frees X     freezes     installed
//	bitmap[X]       1 |     0     |     0     |  0
//	unusable[X]     1 |     1     |  1        |  0    X may be taken again
//
// A block that is taken gets bitmap = 1. When its transaction freezes it gets
// unusable = 1, too. So a block that is taken and freed within one transaction
// is free at once. The blocks in front of the data and behind the end are
// always unusable.
#include "fs/alloc.h"
#include "abi/errno.h"
#include "fs/cache.h"
#include "kern/lock.h"
#include "lib/assert.h"
#include "lib/string.h"

#define NBITMAP (FS_MAXBLOCKS / FS_BITS)
#define WORDS   (FS_BLOCK / 4) // of a bitmap page
#define BIT(b)  (1u << ((b) % 32))

static struct spinlock alloc_lock = SPINLOCK("alloc", RANK_LOGSTATE);
static struct superblock super;      // [I] its sizes
static struct page *bitmap[NBITMAP]; // [I] pages of the cache, referenced
static uint32_t *unusable[NBITMAP];  // [I]
static uint nfree_blocks; // blocks that may be taken and are not reserved
static uint nresting; // freed blocks whose transaction is not home
static uint rotor;    // where the last search ended

static uint32_t *
bitmap_word(uint block)
{
	uint32_t *w = page_va(bitmap[block / FS_BITS]);

	return &w[block % FS_BITS / 32];
}

static uint32_t *
unusable_word(uint block)
{
	return &unusable[block / FS_BITS][block % FS_BITS / 32];
}

static uint
count_ones(uint32_t w)
{
	uint n = 0;

	for (; w; w &= w - 1)
		n++;
	return n;
}

// The word with the bit of `block`: a bit is 1 if its block is never free.
static uint32_t
fixed_bits(uint block)
{
	uint first = block & ~31u;
	uint32_t w = 0;

	if (first >= super.data_start && first + 32 <= super.blocks)
		return 0;
	for (uint b = first; b < first + 32; b++)
		if (!super_is_data(&super, b))
			w |= BIT(b);
	return w;
}

// Sets page i of unusable to `content`, and counts the blocks that become free.
static void
set_unusable(uint i, const uint32_t *content)
{
	const uint32_t *cur = page_va(bitmap[i]);

	for (uint j = 0; j < WORDS; j++) {
		uint32_t w = content[j] | fixed_bits(i * FS_BITS + j * 32);
		uint n = count_ones(unusable[i][j] & ~w & ~cur[j]);

		unusable[i][j] = w;
		nfree_blocks += n;
		nresting -= n;
	}
}

int
alloc_mount(const struct superblock *sb)
{
	super = *sb;
	nfree_blocks = nresting = 0;
	rotor = sb->data_start;
	for (uint i = 0; i < sb->bitmap_blocks; i++) {
		int err = cache_meta(sb->bitmap_start + i, &bitmap[i]);

		if (err)
			return err;
		unusable[i] = kalloc();
		if (!unusable[i])
			return -ENOMEM;
		// As if all blocks had been in use until now.
		memset(unusable[i], 0xFF, PGSIZE);
		set_unusable(i, page_va(bitmap[i]));
		nresting = 0;
	}
	return 0;
}

// ---- Operations -------------------------------------------------------------

// Sets n blocks aside. 0, -ENOSPC, or -EAGAIN if a commit makes blocks free.
// Both answers come from one look under the lock: else a commit of another
// thread could make the blocks free between two looks, and nobody would see
// them.
static int
try_reserve(uint n)
{
	int err = -ENOSPC;

	if (n == 0)
		return 0;
	acquire(&alloc_lock);
	if (n <= nfree_blocks) {
		nfree_blocks -= n;
		err = 0;
	} else if (nresting) {
		err = -EAGAIN;
	}
	release(&alloc_lock);
	return err;
}

// The same. Commits as long as that makes blocks free.
static int
reserve(uint n)
{
	int err;

	while ((err = try_reserve(n)) == -EAGAIN)
		if (log_commit(false))
			return -EROFS;
	return err;
}

static void
unreserve(uint n)
{
	if (n == 0)
		return;
	acquire(&alloc_lock);
	nfree_blocks += n;
	release(&alloc_lock);
}

int
op_begin(struct log_op *op, uint credits, uint blocks)
{
	int err = log_failed() ? -EROFS : reserve(blocks);

	if (err)
		return err;
	err = log_begin(op, credits);
	if (err)
		unreserve(blocks);
	op->blocks = blocks;
	return err;
}

void
op_end(struct log_op *op)
{
	unreserve(op->blocks);
	log_end(op);
}

// ---- Taking and freeing -----------------------------------------------------

// The first free block from `from` on, or 0 if there is none up to the end. A
// word without a free block costs a few instructions.
static uint
search(uint from)
{
	uint32_t mask = ~0u << (from % 32);

	for (uint b = from & ~31u; b < super.blocks; b += 32) {
		uint32_t w = ~(*bitmap_word(b) | *unusable_word(b)) & mask;

		if (w)
			return b + (uint)__builtin_ctz(w);
		mask = ~0u;
	}
	return 0;
}

uint
alloc_block(struct log_op *op, uint near)
{
	uint b;

	assert(op->blocks > 0);
	acquire(&alloc_lock);
	b = search(super_is_data(&super, near) ? near : rotor);
	if (!b)
		b = search(super.data_start);
	assertf(b, "%u blocks were reserved", op->blocks);
	*bitmap_word(b) |= BIT(b);
	rotor = b + 1 < super.blocks ? b + 1 : super.data_start;
	op->blocks--;
	release(&alloc_lock);
	log_write(op, bitmap[b / FS_BITS]);
	return b;
}

void
alloc_undo(struct log_op *op, uint block)
{
	acquire(&alloc_lock);
	*bitmap_word(block) &= ~BIT(block);
	op->blocks++;
	release(&alloc_lock);
}

void
alloc_free(struct log_op *op, uint block)
{
	bool bad;

	acquire(&alloc_lock);
	// On a damaged disk two files may have one block.
	bad = !super_is_data(&super, block) ||
	      !(*bitmap_word(block) & BIT(block));
	if (!bad) {
		*bitmap_word(block) &= ~BIT(block);
		if (*unusable_word(block) & BIT(block))
			nresting++;
		else
			nfree_blocks++;
	}
	release(&alloc_lock);
	if (!bad)
		log_write(op, bitmap[block / FS_BITS]);
	else if (!log_failed())
		log_stop("a block with two owners was freed");
}

// ---- The commit -------------------------------------------------------------

static bool
is_bitmap(uint block)
{
	return block - super.bitmap_start < super.bitmap_blocks;
}

static void
bitmap_frozen(uint block)
{
	uint i = block - super.bitmap_start;

	if (!is_bitmap(block))
		return;
	acquire(&alloc_lock);
	for (uint j = 0; j < WORDS; j++)
		unusable[i][j] |= ((uint32_t *)page_va(bitmap[i]))[j];
	release(&alloc_lock);
}

static void
bitmap_installed(uint block, const void *content)
{
	if (!is_bitmap(block))
		return;
	acquire(&alloc_lock);
	set_unusable(block - super.bitmap_start, content);
	release(&alloc_lock);
}

const struct log_hooks alloc_log_hooks = { bitmap_frozen, bitmap_installed };
