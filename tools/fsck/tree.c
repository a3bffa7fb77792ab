// fsck: names. Every directory's entries, from the root down, and whether the
// inodes count as many links as there are.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fsck/fsck.h"

#define NAME_BYTES sizeof(((struct dirent *)0)->name)

// Entry i of table `block`, 0 if the table's own number is wrong.
static uint
entry_in(const struct fsck *f, uint block, uint i)
{
	const uint32_t *e = fsck_block(f, block);

	return super_is_data(&f->sb, block) ? e[i] : 0;
}

uint
fsck_block_of(const struct fsck *f, const struct dinode *d, uint index)
{
	uint i = index - FS_NDIRECT, b;

	if (index < FS_NDIRECT) {
		b = d->addrs[index];
	} else if (index < FS_DOUBLE_FIRST) {
		b = entry_in(f, d->addrs[FS_INDIRECT], i);
	} else {
		b = entry_in(f, d->addrs[FS_DOUBLE], i / FS_PTRS - 1);
		b = entry_in(f, b, i % FS_PTRS);
	}
	return super_is_data(&f->sb, b) ? b : 0;
}

// ---- Names ------------------------------------------------------------------

// Is the name one that a lookup can find: not empty, filled with zeros?
static bool
name_sound(const char *s)
{
	uint n = 0;

	while (n < NAME_BYTES && s[n])
		if (s[n++] == '/')
			return false;
	if (n == 0)
		return false;
	for (; n < NAME_BYTES; n++)
		if (s[n])
			return false;
	return true;
}

// A name as it can be printed: a damaged name may hold any bytes.
static const char *
shown(const char *name)
{
	static char text[NAME_BYTES + 1];

	for (uint i = 0; i < NAME_BYTES; i++)
		text[i] = name[i] == 0 || (name[i] >= ' ' && name[i] < 0x7F)
				  ? name[i]
				  : '?';
	return text;
}

// The first entry of a directory must be ".", the second ".." (up).
static void
check_dots(struct fsck *f, uint num, bool up, const struct dirent *e)
{
	const char *name = up ? ".." : ".";
	uint want = up ? f->parent[num] : num;

	if (strcmp(e->name, name) || e->inum != want)
		fsck_problem(f,
			     "directory %u: entry %u is %s -> %u, not %s -> %u",
			     num, up, shown(e->name), e->inum, name, want);
}

// Counts what entry e of directory num refers to.
static void
count_entry(struct fsck *f, uint num, const struct dirent *e)
{
	uint to = e->inum;

	f->names[to]++;
	if (fsck_dinode(f, to)->type != T_DIR)
		return;
	f->subdirs[num]++;
	if (f->parent[to])
		fsck_problem(f, "directory %u has a second name, %s in %u", to,
			     shown(e->name), num);
	else
		f->parent[to] = (ushort)num;
}

// Entry i, in use, of directory num.
static void
check_entry(struct fsck *f, uint num, uint i, const struct dirent *e)
{
	bool inode = super_is_inode(&f->sb, e->inum);

	if (!name_sound(e->name))
		fsck_problem(f, "directory %u: the name of entry %u is damaged",
			     num, i);
	if (inode && fsck_dinode(f, e->inum)->type)
		count_entry(f, num, e);
	else
		fsck_problem(f,
			     "directory %u: %s refers to inode %u, which is %s",
			     num, shown(e->name), e->inum,
			     inode ? "free" : "no inode");
}

// ---- Directories ------------------------------------------------------------

static int
compare_names(const void *a, const void *b)
{
	return memcmp(a, b, NAME_BYTES);
}

// Two entries of one name: the second could never be reached.
static void
check_twins(struct fsck *f, uint num, char (*all)[NAME_BYTES], uint n)
{
	qsort(all, n, sizeof(all[0]), compare_names);
	for (uint i = 1; i < n; i++)
		if (!compare_names(all[i - 1], all[i]))
			fsck_problem(f,
				     "directory %u: two entries are named %s",
				     num, shown(all[i]));
}

// Calls fn for each entry of directory num that is on the disk. Returns the
// number of the first page without a block; if there is none, of pages.
static uint
each_entry(struct fsck *f, uint num,
	   void (*fn)(struct fsck *f, uint num, uint i, const struct dirent *e))
{
	const struct dinode *d = fsck_dinode(f, num);
	uint slots = d->size / sizeof(struct dirent);
	uint pages = fs_blocks_of(d->size), hole = pages;

	for (uint page = 0; page < pages; page++) {
		uint b = fsck_block_of(f, d, page), i = page * FS_DPB;
		const struct dirent *e = fsck_block(f, b);

		if (!b && hole == pages)
			hole = page;
		for (; b && i < slots && i / FS_DPB == page; i++, e++)
			fn(f, num, i, e);
	}
	return hole;
}

static void
look_at(struct fsck *f, uint num, uint i, const struct dirent *e)
{
	if (i < 2)
		check_dots(f, num, i == 1, e);
	else if (e->inum)
		check_entry(f, num, i, e);
}

// The names of the directory that each_entry is in.
static char (*names)[NAME_BYTES];
static uint nnames;

static void
gather(struct fsck *f, uint num, uint i, const struct dirent *e)
{
	(void)f, (void)num, (void)i;
	if (!e->inum)
		return;
	// Space for twice as many, whenever the count is a power of two.
	if ((nnames & (nnames - 1)) == 0)
		names = realloc(names, 2 * (nnames + 1) * sizeof(names[0]));
	if (!names)
		abort();
	memcpy(names[nnames++], e->name, NAME_BYTES);
}

static void
check_directory(struct fsck *f, uint num)
{
	uint size = fsck_dinode(f, num)->size, hole;

	if (size < 2 * sizeof(struct dirent))
		fsck_problem(f, "directory %u: it has no room for . and ..",
			     num);
	hole = each_entry(f, num, look_at);
	if (hole < fs_blocks_of(size))
		fsck_problem(f, "directory %u: page %u has no block", num,
			     hole);
	nnames = 0;
	each_entry(f, num, gather);
	check_twins(f, num, names, nnames);
}

// From the root down, so that a directory's parent is known before the
// directory is looked at. Each one is looked at once: parent[] is set once.
static void
check_tree(struct fsck *f)
{
	bool *done = calloc(FS_MAXINODES, sizeof(*done));
	bool more = true;

	if (!done)
		abort();
	f->parent[FS_ROOT] = FS_ROOT;
	f->names[FS_ROOT]++;
	if (fsck_dinode(f, FS_ROOT)->type != T_DIR)
		fsck_problem(f, "inode %u, the root, is no directory", FS_ROOT);
	while (more) {
		more = false;
		for (uint i = FS_ROOT; i < f->sb.inodes; i++) {
			if (done[i] || !f->parent[i] ||
			    !dinode_valid(fsck_dinode(f, i)) ||
			    fsck_dinode(f, i)->type != T_DIR)
				continue;
			done[i] = more = true;
			check_directory(f, i);
		}
	}
	free(done);
}

// ---- Links ------------------------------------------------------------------

static void
check_links(struct fsck *f, uint num, const struct dinode *d)
{
	uint have = f->names[num];
	uint want = d->type == T_DIR ? 1 + f->subdirs[num] : have;

	if (f->orphan[num] && have)
		fsck_problem(f, "inode %u: an orphan, but it has a name", num);
	if (f->orphan[num] || !d->nlink)
		return;
	if (!have)
		fsck_problem(f, "inode %u: no name leads to it", num);
	else if ((uint)d->nlink != want)
		fsck_problem(f,
			     "inode %u: it counts %d links, but there are %u",
			     num, d->nlink, want);
}

void
fsck_tree(struct fsck *f)
{
	check_tree(f);
	for (uint i = 1; i < f->sb.inodes; i++)
		if (fsck_dinode(f, i)->type)
			check_links(f, i, fsck_dinode(f, i));
}
