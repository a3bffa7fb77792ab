// Where the pages of a file lie.
//
//	addrs  0 .. 10    11         12
//	       |          |          |
//	       v          v          v
//	       block   [ table ]  [ table ]------> [ table ] -> 1,024 blocks
//	               1,024       1,024 of them
//	               blocks
//
// The table with the entry of a page is the leaf of the page. The table of
// leaves is the trunk; a file has one at most. Pages whose entries stand
// together, in the inode or in one leaf, are a group. An operation works within
// one group.
//
// Invariant: a group that begins at or behind the end of the file has no leaf.
// So whoever cuts a file from its end finds every block.
#include "fs/map.h"
#include "abi/errno.h"
#include "fs/alloc.h"
#include "fs/super.h"

#define CUT_BITMAPS 8 // pages of the bitmap that one step changes
// These, leaf and trunk, the bitmap pages of both, and the inode.
#define CUT_CREDITS (CUT_BITMAPS + 5)

static uint
group_first(uint index)
{
	if (index < FS_NDIRECT)
		return 0;
	return index - (index - FS_NDIRECT) % FS_PTRS;
}

static uint32_t *
table_of(struct page *pg)
{
	return page_va(pg);
}

// The entry in the trunk for the leaf of page `index`.
static uint32_t *
trunk_entry(struct page *trunk, uint index)
{
	return &table_of(trunk)[(index - FS_DOUBLE_FIRST) / FS_PTRS];
}

// The entry of page `index`. leaf is NULL if the entry stands in the inode.
static uint32_t *
page_entry(struct inode *ip, struct page *leaf, uint index)
{
	if (index < FS_NDIRECT)
		return &ip->addrs[index];
	return &table_of(leaf)[(index - FS_NDIRECT) % FS_PTRS];
}

struct tables {
	struct page *leaf, *trunk; // NULL: there is none
};

static void
put_tables(struct tables *t)
{
	if (t->leaf)
		page_put(t->leaf);
	if (t->trunk)
		page_put(t->trunk);
}

static int
get_table(uint block, struct page **pg)
{
	*pg = NULL;
	if (block == 0)
		return 0;
	return super_is_data(fs_super, block) ? cache_meta(block, pg) : -EIO;
}

// Gets the tables that exist on the way to page `index`, with references.
static int
get_tables(struct inode *ip, uint index, struct tables *t)
{
	int err;

	t->leaf = t->trunk = NULL;
	if (index < FS_NDIRECT)
		return 0;
	if (index < FS_DOUBLE_FIRST)
		return get_table(ip->addrs[FS_INDIRECT], &t->leaf);
	err = get_table(ip->addrs[FS_DOUBLE], &t->trunk);
	if (err || !t->trunk)
		return err;
	err = get_table(*trunk_entry(t->trunk, index), &t->leaf);
	if (err)
		page_put(t->trunk);
	return err;
}

// How many of the n entries, from e[0] on, name consecutive blocks.
static uint
run_length(const uint32_t *e, uint n)
{
	uint i = 1;

	while (i < n && e[i] == e[0] + i && super_is_data(fs_super, e[i]))
		i++;
	return i;
}

int
map_find(struct inode *ip, uint index, uint max, uint *block, uint *run)
{
	uint in_group = index < FS_NDIRECT
				? FS_NDIRECT - index
				: FS_PTRS - (index - FS_NDIRECT) % FS_PTRS;
	struct tables t;
	int err = get_tables(ip, index, &t);

	if (err)
		return err;
	*block = 0;
	*run = 1;
	if (index < FS_NDIRECT || t.leaf) {
		const uint32_t *e = page_entry(ip, t.leaf, index);

		*block = *e;
		if (*e && !super_is_data(fs_super, *e))
			err = -EIO;
		else if (*e)
			*run = run_length(e, min_uint(max, in_group));
	}
	put_tables(&t);
	return err;
}

// ---- Growing ----------------------------------------------------------------

int
map_need(struct inode *ip, uint index, uint *n)
{
	struct tables t;
	int err;

	*n = 1;
	if (index < FS_NDIRECT)
		return 0;
	err = get_tables(ip, index, &t);
	if (err)
		return err;
	if (!t.leaf)
		++*n;
	if (index >= FS_DOUBLE_FIRST && !t.trunk)
		++*n;
	put_tables(&t);
	return 0;
}

// A new, empty table that no entry names yet. NULL if memory is out.
static struct page *
new_table(struct log_op *op, struct inode *ip)
{
	uint block = alloc_block(op, ip->next_block);
	struct page *pg;

	// The cache has such a page only if the disk is damaged, so that
	// another file has this block, too.
	cache_meta_cut(block);
	if (cache_meta_new(block, &pg)) {
		alloc_undo(op, block);
		return NULL;
	}
	ip->next_block = block + 1;
	return pg;
}

static void
drop_table(struct log_op *op, struct page *pg)
{
	uint block = pg->block;

	cache_meta_cut(block);
	page_put(pg);
	alloc_undo(op, block);
}

// Makes all tables that are missing in t and links them, or none.
static int
add_tables(struct log_op *op, struct inode *ip, uint index, struct tables *t)
{
	struct page *trunk = NULL;

	if (t->leaf || index < FS_NDIRECT)
		return 0;
	if (index >= FS_DOUBLE_FIRST && !t->trunk) {
		trunk = new_table(op, ip);
		if (!trunk)
			return -ENOMEM;
	}
	t->leaf = new_table(op, ip);
	if (!t->leaf) {
		if (trunk)
			drop_table(op, trunk);
		return -ENOMEM;
	}
	// From here on nothing fails.
	if (trunk) {
		t->trunk = trunk;
		ip->addrs[FS_DOUBLE] = trunk->block;
	}
	if (t->trunk) {
		*trunk_entry(t->trunk, index) = t->leaf->block;
		log_write(op, t->trunk);
	} else {
		ip->addrs[FS_INDIRECT] = t->leaf->block;
	}
	return 0;
}

int
map_alloc(struct log_op *op, struct inode *ip, struct page *pg)
{
	struct tables t;
	int err = get_tables(ip, pg->index, &t);

	if (err)
		return err;
	err = add_tables(op, ip, pg->index, &t);
	if (!err) {
		pg->block = alloc_block(op, ip->next_block);
		ip->next_block = pg->block + 1;
		*page_entry(ip, t.leaf, pg->index) = pg->block;
		if (t.leaf)
			log_write(op, t.leaf);
	}
	put_tables(&t);
	return err;
}

// ---- Shrinking --------------------------------------------------------------

// The first page that one step may free if it frees up to `last`: it must not
// change more pages of the bitmap than it has credits for.
static uint
cut_from(const uint32_t *e, uint from, uint last)
{
	uint changes = 0, at = 0;

	for (uint n = last - from + 1; n-- > 0;) {
		if (!e[n] || e[n] / FS_BITS + 1 == at)
			continue;
		if (++changes > CUT_BITMAPS)
			return from + n + 1;
		at = e[n] / FS_BITS + 1;
	}
	return from;
}

static void
free_table(struct log_op *op, uint32_t *e)
{
	uint block = *e;

	*e = 0;
	cache_meta_cut(block);
	alloc_free(op, block);
}

// Frees the blocks of pages [from, last], and tables that are empty then.
static void
free_group(struct log_op *op, struct inode *ip, struct tables *t, uint from,
	   uint last)
{
	bool whole = from == group_first(from);

	for (uint i = from; (t->leaf || i < FS_NDIRECT) && i <= last; i++) {
		uint32_t *e = page_entry(ip, t->leaf, i);

		if (*e)
			alloc_free(op, *e);
		*e = 0;
	}
	if (t->leaf && !whole)
		log_write(op, t->leaf);
	if (t->leaf && whole && !t->trunk)
		free_table(op, &ip->addrs[FS_INDIRECT]);
	if (t->leaf && whole && t->trunk) {
		free_table(op, trunk_entry(t->trunk, from));
		log_write(op, t->trunk);
	}
	if (t->trunk && from == FS_DOUBLE_FIRST)
		free_table(op, &ip->addrs[FS_DOUBLE]);
}

// One operation: cuts pages of the last group.
static int
cut_step(struct inode *ip, uint size)
{
	uint last = (ip->size - 1) / PGSIZE, keep = fs_blocks_of(size);
	uint from = max_uint(keep, group_first(last));
	struct log_op op;
	struct tables t;
	int err = get_tables(ip, last, &t);

	if (err)
		return err;
	err = op_begin(&op, CUT_CREDITS, 0);
	if (!err) {
		if (from <= last && (t.leaf || last < FS_NDIRECT))
			from = cut_from(page_entry(ip, t.leaf, from), from,
					last);
		ip->size = from == keep ? size : from * PGSIZE;
		if (from <= last) {
			cache_cut(&ip->pages, from, last);
			owner_unmap(&ip->pages, from, last);
			free_group(&op, ip, &t, from, last);
		}
		itable_update(&op, ip);
		op_end(&op);
	}
	put_tables(&t);
	return err;
}

int
map_cut(struct inode *ip, uint size)
{
	while (ip->size > size) {
		int err = cut_step(ip, size);

		if (err)
			return err;
	}
	return 0;
}
