// fsck: inodes, the blocks that they use, and the bitmap.
#include <stdio.h>
#include <string.h>

#include "tools/fsck/fsck.h"

// ---- Orphans ----------------------------------------------------------------

// May inode num follow in the list of orphans? Says why not.
static bool
check_orphan(struct fsck *f, uint num)
{
	const struct dinode *d;

	if (!super_is_inode(&f->sb, num)) {
		fsck_problem(f,
			     "orphans: the list leads to inode %u, which the "
			     "table does not have",
			     num);
		return false;
	}
	d = fsck_dinode(f, num);
	if (f->orphan[num])
		fsck_problem(f,
			     "orphans: the list runs in a circle at inode %u",
			     num);
	else if (d->type == 0 || d->nlink)
		fsck_problem(f, "orphans: inode %u is in the list, but is %s",
			     num, d->type ? "named" : "free");
	else
		return true;
	return false;
}

void
fsck_orphans(struct fsck *f)
{
	uint count = 0;

	for (uint num = f->sb.orphan; num; num = fsck_dinode(f, num)->major) {
		if (!check_orphan(f, num)) {
			if (f->mend)
				fsck_cut_orphans(f);
			return;
		}
		f->orphan[num] = true;
		count++;
	}
	if (count && !f->quiet)
		printf("note: %u files without names wait for the next mount\n",
		       count);
}

// ---- Inodes -----------------------------------------------------------------

// Inode num uses the block at *place for `what`. False: the block must not be
// followed.
static bool
claim_block(struct fsck *f, uint num, uint32_t *place, const char *what)
{
	uint b = *place;

	if (!super_is_data(&f->sb, b)) {
		if (fsck_problem(f,
				 "inode %u: its %s is block %u, outside of the "
				 "data",
				 num, what, b))
			*place = 0;
		return false;
	}
	if (f->owner[b]) {
		if (fsck_problem(f,
				 "inode %u: its %s, block %u, belongs to inode "
				 "%u too",
				 num, what, b, f->owner[b]))
			fsck_note_twice(f, place);
		return false;
	}
	f->owner[b] = (ushort)num;
	return true;
}

// Page `page` of inode num lies behind the file's end, and *place is its block.
// It is mended by a longer file: no byte is lost.
static void
past_end(struct fsck *f, uint num, uint32_t *place, uint page)
{
	struct dinode *d = fsck_dinode(f, num);

	if (!fsck_problem(f, "inode %u: block %u lies behind its end", num,
			  *place))
		return;
	if (page < FS_MAXSIZE / FS_BLOCK)
		d->size = (page + 1) * FS_BLOCK;
	else
		*place = 0;
}

// The n numbers at e, of the pages from `first` on.
static void
check_data(struct fsck *f, uint num, uint32_t *e, uint n, uint first)
{
	const struct dinode *d = fsck_dinode(f, num);

	for (uint i = 0; i < n; i++) {
		if (!e[i])
			continue;
		claim_block(f, num, &e[i], "data");
		if (e[i] && first + i >= fs_blocks_of(d->size))
			past_end(f, num, &e[i], first + i);
	}
}

// Is there a table at *place that may be followed?
static bool
check_table(struct fsck *f, uint num, uint32_t *place, const char *what)
{
	return *place && claim_block(f, num, place, what);
}

// An empty table may lie behind the end too. It is mended by leaving it out.
static void
check_table_end(struct fsck *f, uint num, uint32_t *place, uint first)
{
	if (first < fs_blocks_of(fsck_dinode(f, num)->size))
		return;
	if (!fsck_problem(f, "inode %u: table %u lies behind its end", num,
			  *place))
		return;
	f->owner[*place] = 0;
	*place = 0;
}

static void
check_leaf(struct fsck *f, uint num, uint32_t *place, uint first)
{
	if (!check_table(f, num, place, "table"))
		return;
	check_data(f, num, fsck_block(f, *place), FS_PTRS, first);
	check_table_end(f, num, place, first);
}

static void
check_addrs(struct fsck *f, uint num, struct dinode *d)
{
	uint32_t *trunk = &d->addrs[FS_DOUBLE], *e;

	check_data(f, num, d->addrs, FS_NDIRECT, 0);
	check_leaf(f, num, &d->addrs[FS_INDIRECT], FS_NDIRECT);
	if (!check_table(f, num, trunk, "table of tables"))
		return;
	e = fsck_block(f, *trunk);
	for (uint i = 0; i < FS_PTRS; i++)
		check_leaf(f, num, &e[i], FS_DOUBLE_FIRST + i * FS_PTRS);
	check_table_end(f, num, trunk, FS_DOUBLE_FIRST);
}

static bool
has_contents(const struct dinode *d)
{
	for (uint i = 0; i < FS_NADDR; i++)
		if (d->addrs[i])
			return true;
	return d->size != 0;
}

// An inode of no type becomes free. Else the file keeps its blocks: its size is
// then found by past_end.
static void
mend_inode(struct dinode *d)
{
	if (d->type < T_DIR || d->type > T_DEV) {
		memset(d, 0, sizeof(*d));
		return;
	}
	if (d->nlink < 0)
		d->nlink = 1;
	if (d->size > FS_MAXSIZE)
		d->size = 0;
	if (d->type == T_DIR)
		d->size -= d->size % sizeof(struct dirent);
}

static void
check_device(struct fsck *f, uint num, struct dinode *d)
{
	if (!has_contents(d))
		return;
	if (!fsck_problem(f, "inode %u: a device, but it has a size or blocks",
			  num))
		return;
	d->size = 0;
	memset(d->addrs, 0, sizeof(d->addrs));
}

static void
check_inode(struct fsck *f, uint num, struct dinode *d)
{
	if (!dinode_valid(d)) {
		if (!fsck_problem(f,
				  "inode %u: type %d, %d links, size %u is "
				  "impossible",
				  num, d->type, d->nlink, d->size))
			return;
		mend_inode(d);
		if (!d->type)
			return;
	}
	// The count becomes that of the names that are found.
	if (d->nlink == 0 && !f->orphan[num] &&
	    fsck_problem(f,
			 "inode %u: no names, and not in the list of orphans",
			 num))
		d->nlink = 1;
	if (d->type == T_DEV)
		check_device(f, num, d);
	check_addrs(f, num, d);
}

void
fsck_inodes(struct fsck *f)
{
	for (uint i = 1; i < f->sb.inodes; i++)
		if (fsck_dinode(f, i)->type)
			check_inode(f, i, fsck_dinode(f, i));
}

// ---- The bitmap -------------------------------------------------------------

// What is wrong with the bit of block b, which is `used`? NULL: nothing.
static const char *
wrong_bit(const struct fsck *f, uint b, bool used)
{
	if (b < f->sb.data_start)
		return used ? NULL : "bitmap: block %u, no data, is free";
	if (used && !f->owner[b])
		return "bitmap: block %u is used, but nobody's";
	if (!used && f->owner[b])
		return "bitmap: block %u is free, but inode %u's";
	return NULL;
}

void
fsck_bitmap(struct fsck *f)
{
	uint32_t *bits = fsck_block(f, f->sb.bitmap_start);

	for (uint b = 0; b < f->sb.blocks; b++) {
		uint32_t bit = 1u << (b % 32), *word = &bits[b / 32];
		const char *wrong = wrong_bit(f, b, *word & bit);

		if (wrong && fsck_problem(f, wrong, b, f->owner[b]))
			*word ^= bit;
	}
}
