// The index of a directory.
//
//	head[hash]       link[slot]
//	+----------+     +----------+     +----------+
//	| tag | 7  | --> | tag | 3  | --> |    0     |
//	+----------+     +----------+     +----------+
//	                 of slot 7        of slot 3
//
// A cell is a 32-bit word. Each hash has a chain of slots: a cell has the next
// slot plus 1, and upper bits of the hash of that slot's name as a tag, so that
// a search rarely looks at a page for nothing. The free slots are bits; each
// bit of `some` says that a word of these bits is not 0.
//
// The cells are numbered through and lie in pages. The first page begins with
// the struct.
#include "fs/dirindex.h"
#include "kalloc.h"
#include "lib/assert.h"

#define MIN_SLOTS   256u
#define MAX_SLOTS   65536u
#define MAX_PAGES   132 // for MAX_SLOTS
#define PAGE_CELLS  (PGSIZE / 4)
#define SLOT_BITS   0x1FFFF // of a cell: slot + 1, the rest is the tag
#define MEMORY_PART 64      // all indexes have 1/64 of memory at most

struct dirindex {
	uint size; // a power of two
	uint npages;
	uint32_t *pages[MAX_PAGES]; // pages[0] is the struct itself
};

#define STRUCT_CELLS (sizeof(struct dirindex) / 4)
// For each slot a link and a head; for 32 slots, and for 1,024, a word of bits.
#define CELLS(size)                                                            \
	(STRUCT_CELLS + 2 * (size) + (size) / 32 + (size) / 1024 + 1)

_Static_assert(MAX_SLOTS < SLOT_BITS, "a cell has room for slot + 1");
_Static_assert(CELLS(MAX_SLOTS) <= (MAX_PAGES * PAGE_CELLS),
	       "pages[] has room for the largest index");

static uint npages_all; // [a] of all indexes

// ---- Making -----------------------------------------------------------------

// Gives all n pages of x their place. False if memory is out.
static bool
add_pages(struct dirindex *x, uint n)
{
	x->pages[0] = (uint32_t *)x;
	x->npages = 1;
	while (x->npages < n) {
		uint32_t *page = kalloc_zero();

		if (!page)
			break;
		x->pages[x->npages++] = page;
	}
	__atomic_add_fetch(&npages_all, x->npages, __ATOMIC_RELAXED);
	return x->npages == n;
}

static void
free_index_pages(struct dirindex *x)
{
	__atomic_sub_fetch(&npages_all, x->npages, __ATOMIC_RELAXED);
	for (uint i = x->npages; i-- > 0;)
		kfree(x->pages[i]);
}

struct dirindex *
dirindex_new(uint n)
{
	uint size = MIN_SLOTS, npages;
	struct dirindex *x;

	while (size < n + n / 4 && size <= MAX_SLOTS)
		size *= 2;
	npages = (CELLS(size) + PAGE_CELLS - 1) / PAGE_CELLS;
	if (size > MAX_SLOTS ||
	    npages_all + npages > kalloc_total() / MEMORY_PART)
		return NULL;
	x = kalloc_zero();
	if (!x)
		return NULL;
	x->size = size;
	if (!add_pages(x, npages)) {
		free_index_pages(x);
		return NULL;
	}
	return x;
}

uint
dirindex_pages(void)
{
	return npages_all;
}

void
dirindex_drop(struct dirindex **x)
{
	if (*x)
		free_index_pages(*x);
	*x = NULL;
}

// ---- Cells ------------------------------------------------------------------

static uint32_t *
index_cell(const struct dirindex *x, uint i)
{
	i += STRUCT_CELLS;
	return &x->pages[i / PAGE_CELLS][i % PAGE_CELLS];
}

static uint32_t *
link_cell(const struct dirindex *x, uint slot)
{
	return index_cell(x, slot);
}

static uint32_t *
head_cell(const struct dirindex *x, uint hash)
{
	return index_cell(x, x->size + (hash & (x->size - 1)));
}

// The word of the bits of free slots that has the bit of `slot`.
static uint32_t *
free_word(const struct dirindex *x, uint slot)
{
	return index_cell(x, 2 * x->size + slot / 32);
}

// The word of the bits of these words that has the bit of slot's word.
static uint32_t *
some_word(const struct dirindex *x, uint slot)
{
	return index_cell(x, 2 * x->size + x->size / 32 + slot / 1024);
}

static uint
cell_slot(uint32_t cell)
{
	return (cell & SLOT_BITS) - 1;
}

// ---- Names ------------------------------------------------------------------

void
dirindex_add(struct dirindex *x, uint hash, uint slot)
{
	uint32_t *head = head_cell(x, hash);

	assertf(slot < x->size, "slot %u of %u", slot, x->size);
	*link_cell(x, slot) = *head;
	*head = (hash & ~SLOT_BITS) | (slot + 1);
}

// Both take a slot out. False if it is not in the index as that.
static bool
remove_name(struct dirindex *x, uint hash, uint slot)
{
	uint32_t *cell = head_cell(x, hash);

	while (*cell && cell_slot(*cell) != slot)
		cell = link_cell(x, cell_slot(*cell));
	if (!*cell)
		return false;
	*cell = *link_cell(x, slot);
	return true;
}

int
dirindex_find(const struct dirindex *x, uint hash, int after)
{
	uint32_t cell =
		after < 0 ? *head_cell(x, hash) : *link_cell(x, (uint)after);

	while (cell && (cell ^ hash) & ~SLOT_BITS)
		cell = *link_cell(x, cell_slot(cell));
	return (int)(cell & SLOT_BITS) - 1;
}

// ---- Free slots -------------------------------------------------------------

void
dirindex_add_free(struct dirindex *x, uint slot)
{
	assertf(slot < x->size, "slot %u of %u", slot, x->size);
	*free_word(x, slot) |= 1u << slot % 32;
	*some_word(x, slot) |= 1u << slot / 32 % 32;
}

static bool
remove_free(struct dirindex *x, uint slot)
{
	uint32_t *word = free_word(x, slot);
	bool was = *word & 1u << slot % 32;

	*word &= ~(1u << slot % 32);
	if (!*word)
		*some_word(x, slot) &= ~(1u << slot / 32 % 32);
	return was;
}

int
dirindex_find_free(const struct dirindex *x)
{
	for (uint slot = 0; slot < x->size; slot += 1024) {
		uint32_t some = *some_word(x, slot);
		uint first;

		if (!some)
			continue;
		first = slot + 32 * (uint)__builtin_ctz(some);
		return (int)(first + (uint)__builtin_ctz(*free_word(x, first)));
	}
	return -1;
}

// ---- Changes ----------------------------------------------------------------

void
dirindex_named(struct dirindex **x, uint hash, uint slot, bool added)
{
	if (!*x)
		return;
	if (slot < (*x)->size && (added || remove_free(*x, slot)))
		dirindex_add(*x, hash, slot);
	else
		dirindex_drop(x);
}

void
dirindex_unnamed(struct dirindex **x, uint hash, uint slot)
{
	if (!*x)
		return;
	if (remove_name(*x, hash, slot))
		dirindex_add_free(*x, slot);
	else
		dirindex_drop(x);
}

void
dirindex_cut(struct dirindex **x, uint from, uint end)
{
	for (uint slot = from; *x && slot < end; slot++)
		if (!remove_free(*x, slot))
			dirindex_drop(x);
}
