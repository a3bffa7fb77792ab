// fsck: inodes, the blocks that they use, and the bitmap.
#include <stdio.h>

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
		if (!check_orphan(f, num))
			return;
		f->orphan[num] = true;
		count++;
	}
	if (count)
		printf("note: %u files without names wait for the next mount\n",
		       count);
}

// ---- Inodes -----------------------------------------------------------------

// Inode num uses block b for `what`. False: the block must not be followed.
static bool
claim_block(struct fsck *f, uint num, uint b, const char *what)
{
	if (!super_is_data(&f->sb, b)) {
		fsck_problem(
			f, "inode %u: its %s is block %u, outside of the data",
			num, what, b);
		return false;
	}
	if (f->owner[b]) {
		fsck_problem(
			f,
			"inode %u: its %s, block %u, belongs to inode %u too",
			num, what, b, f->owner[b]);
		return false;
	}
	f->owner[b] = (ushort)num;
	return true;
}

// Entries that stand together: in an inode, or in a table.
struct entries {
	const uint32_t *e;
	uint n;
	uint first; // the page of the file that e[0] names
	uint pages; // how many pages the file has
};

static void
check_data(struct fsck *f, uint num, const struct entries *g)
{
	for (uint i = 0; i < g->n; i++) {
		if (!g->e[i])
			continue;
		claim_block(f, num, g->e[i], "data");
		if (g->first + i >= g->pages)
			fsck_problem(f,
				     "inode %u: block %u lies behind its end",
				     num, g->e[i]);
	}
}

// Is b a table that exists, of pages from `first` on? Says what is wrong.
static bool
check_table(struct fsck *f, uint num, uint b, const char *what, bool past)
{
	if (!b || !claim_block(f, num, b, what))
		return false;
	if (past)
		fsck_problem(f, "inode %u: table %u lies behind its end", num,
			     b);
	return true;
}

static void
check_leaf(struct fsck *f, uint num, uint b, uint first)
{
	struct entries g = { .n = FS_PTRS, .first = first };

	g.pages = fs_blocks_of(fsck_dinode(f, num)->size);
	if (!check_table(f, num, b, "table", first >= g.pages))
		return;
	g.e = fsck_block(f, b);
	check_data(f, num, &g);
}

static void
check_addrs(struct fsck *f, uint num, const struct dinode *d)
{
	struct entries g = { d->addrs, FS_NDIRECT, 0, fs_blocks_of(d->size) };
	uint trunk = d->addrs[FS_DOUBLE];
	const uint32_t *e;

	check_data(f, num, &g);
	check_leaf(f, num, d->addrs[FS_INDIRECT], FS_NDIRECT);
	if (!check_table(f, num, trunk, "table of tables",
			 FS_DOUBLE_FIRST >= g.pages))
		return;
	e = fsck_block(f, trunk);
	for (uint i = 0; i < FS_PTRS; i++)
		check_leaf(f, num, e[i], FS_DOUBLE_FIRST + i * FS_PTRS);
}

static bool
has_contents(const struct dinode *d)
{
	for (uint i = 0; i < FS_NADDR; i++)
		if (d->addrs[i])
			return true;
	return d->size != 0;
}

static void
check_inode(struct fsck *f, uint num, const struct dinode *d)
{
	if (!dinode_valid(d)) {
		fsck_problem(f,
			     "inode %u: type %d, %d links, size %u is "
			     "impossible",
			     num, d->type, d->nlink, d->size);
		return;
	}
	if (d->nlink == 0 && !f->orphan[num])
		fsck_problem(f,
			     "inode %u: no names, and not in the list of "
			     "orphans",
			     num);
	if (d->type == T_DEV && has_contents(d))
		fsck_problem(f,
			     "inode %u: a device, but it has a size or blocks",
			     num);
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

void
fsck_bitmap(struct fsck *f)
{
	const uint32_t *bits = fsck_block(f, f->sb.bitmap_start);

	for (uint b = 0; b < f->sb.blocks; b++) {
		bool used = bits[b / 32] >> (b % 32) & 1;
		bool data = b >= f->sb.data_start;

		if (!data && !used)
			fsck_problem(f, "bitmap: block %u, no data, is free",
				     b);
		else if (data && used && !f->owner[b])
			fsck_problem(
				f, "bitmap: block %u is used, but nobody's", b);
		else if (f->owner[b] && !used)
			fsck_problem(f,
				     "bitmap: block %u is free, but inode %u's",
				     b, f->owner[b]);
	}
}
