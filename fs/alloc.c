// Free blocks: see alloc.h for the two bitmaps and why there are two.
//
//	transaction:        frees X     freezes     installed
//	now[X]          1 |     0     |     0     |  0
//	kept[X]         1 |     1     |  1        |  0    X may be taken again
//
// A block that is taken gets now = 1; when its transaction freezes, kept = 1
// too. So one that is taken and freed within one transaction is free at once.
// kept also has the blocks that are nobody's to give: those in front of the
// data and behind the end.
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
static struct superblock super;     // [I]
static struct page *now[NBITMAP];   // [I] pages of the cache, with a reference
static uint32_t *kept[NBITMAP];     // [I]
static uint nfree;    // blocks that may be taken and are not reserved
static uint npending; // blocks that wait for their transaction
static uint rotor;    // where the last search ended

static uint32_t *
now_word(uint block)
{
	uint32_t *w = page_va(now[block / FS_BITS]);

	return &w[block % FS_BITS / 32];
}

static uint32_t *
kept_word(uint block)
{
	return &kept[block / FS_BITS][block % FS_BITS / 32];
}

static uint
count_ones(uint32_t w)
{
	uint n = 0;

	for (; w; w &= w - 1)
		n++;
	return n;
}

// Bits of the word with block's bit that never may be taken.
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

// Puts content's bits into kept, page i; counts what becomes free.
static void
set_kept(uint i, const uint32_t *content)
{
	const uint32_t *cur = page_va(now[i]);

	for (uint j = 0; j < WORDS; j++) {
		uint32_t w = content[j] | fixed_bits(i * FS_BITS + j * 32);
		uint n = count_ones(kept[i][j] & ~w & ~cur[j]);

		kept[i][j] = w;
		nfree += n;
		npending -= n;
	}
}

int
alloc_mount(const struct superblock *sb)
{
	super = *sb;
	nfree = npending = 0;
	rotor = sb->data_start;
	for (uint i = 0; i < sb->bitmap_blocks; i++) {
		int r = cache_meta(sb->bitmap_start + i, &now[i]);

		if (r)
			return r;
		kept[i] = kalloc();
		if (!kept[i])
			return -ENOMEM;
		// As if all blocks were waiting for this first installation.
		memset(kept[i], 0xFF, PGSIZE);
		set_kept(i, page_va(now[i]));
		npending = 0;
	}
	return 0;
}

int
alloc_reserve(uint n)
{
	int r = -ENOSPC;

	if (n == 0)
		return 0;
	acquire(&alloc_lock);
	if (n <= nfree) {
		nfree -= n;
		r = 0;
	} else if (npending) {
		r = -EAGAIN;
	}
	release(&alloc_lock);
	return r;
}

void
alloc_unreserve(uint n)
{
	if (n == 0)
		return;
	acquire(&alloc_lock);
	nfree += n;
	release(&alloc_lock);
}

// The first block at or behind `from` that may be taken, 0 if there is none up
// to the end. Full words cost a few instructions each.
static uint
search(uint from)
{
	uint32_t mask = ~0u << (from % 32);

	for (uint b = from & ~31u; b < super.blocks; b += 32) {
		uint32_t w = ~(*now_word(b) | *kept_word(b)) & mask;

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
	*now_word(b) |= BIT(b);
	rotor = b + 1 < super.blocks ? b + 1 : super.data_start;
	op->blocks--;
	release(&alloc_lock);
	log_write(op, now[b / FS_BITS]);
	return b;
}

void
alloc_undo(struct log_op *op, uint block)
{
	acquire(&alloc_lock);
	*now_word(block) &= ~BIT(block);
	op->blocks++;
	release(&alloc_lock);
}

void
alloc_free(struct log_op *op, uint block)
{
	bool bad;

	acquire(&alloc_lock);
	// Only a damaged image has an owner for a block that is free.
	bad = !super_is_data(&super, block) || !(*now_word(block) & BIT(block));
	if (!bad) {
		*now_word(block) &= ~BIT(block);
		if (*kept_word(block) & BIT(block))
			npending++;
		else
			nfree++;
	}
	release(&alloc_lock);
	if (!bad)
		log_write(op, now[block / FS_BITS]);
	else if (!log_failed())
		log_stop("a block with two owners was freed");
}

static bool
is_bitmap(uint block)
{
	return block - super.bitmap_start < super.bitmap_blocks;
}

void
alloc_frozen(uint block)
{
	uint i = block - super.bitmap_start;

	if (!is_bitmap(block))
		return;
	acquire(&alloc_lock);
	for (uint j = 0; j < WORDS; j++)
		kept[i][j] |= ((uint32_t *)page_va(now[i]))[j];
	release(&alloc_lock);
}

void
alloc_installed(uint block, const void *content)
{
	if (!is_bitmap(block))
		return;
	acquire(&alloc_lock);
	set_kept(block - super.bitmap_start, content);
	release(&alloc_lock);
}
