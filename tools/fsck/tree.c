// fsck: names. Every directory's entries, from the root down, and whether the
// inodes count as many links as there are.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fsck/fsck.h"

#define NAME_BYTES sizeof(((struct dirent *)0)->name)

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

static void
put_entry(struct dirent *e, uint inum, const char *name)
{
	e->inum = (ushort)inum;
	memset(e->name, 0, NAME_BYTES);
	memcpy(e->name, name, min_uint((uint)strlen(name), NAME_BYTES));
}

// A name that nobody else in the directory has: of the entry's number.
static void
rename_entry(struct dirent *e, uint i)
{
	char name[40];

	snprintf(name, sizeof(name), "#%u.%u", e->inum, i);
	put_entry(e, e->inum, name);
}

// The first entry of a directory must be ".", the second ".." (up).
static void
check_dots(struct fsck *f, uint num, bool up, struct dirent *e)
{
	const char *name = up ? ".." : ".";
	uint want = up ? f->parent[num] : num;

	if (!strcmp(e->name, name) && e->inum == want)
		return;
	if (fsck_problem(f, "directory %u: entry %u is %s -> %u, not %s -> %u",
			 num, up, shown(e->name), e->inum, name, want))
		put_entry(e, want, name);
}

// Counts what entry e of directory num refers to. A directory keeps its first
// name only.
static void
count_entry(struct fsck *f, uint num, struct dirent *e)
{
	uint to = e->inum;

	if (fsck_dinode(f, to)->type == T_DIR && f->parent[to] &&
	    fsck_problem(f, "directory %u has a second name, %s in %u", to,
			 shown(e->name), num)) {
		put_entry(e, 0, "");
		return;
	}
	f->names[to]++;
	if (fsck_dinode(f, to)->type != T_DIR)
		return;
	f->subdirs[num]++;
	if (!f->parent[to])
		f->parent[to] = (ushort)num;
}

// Entry i, in use, of directory num.
static void
check_entry(struct fsck *f, uint num, uint i, struct dirent *e)
{
	bool inode = super_is_inode(&f->sb, e->inum);

	if (inode && fsck_dinode(f, e->inum)->type)
		count_entry(f, num, e);
	else if (fsck_problem(f,
			      "directory %u: %s refers to inode %u, which is "
			      "%s",
			      num, shown(e->name), e->inum,
			      inode ? "free" : "no inode"))
		put_entry(e, 0, "");
	if (e->inum && !name_sound(e->name) &&
	    fsck_problem(f, "directory %u: the name of entry %u is damaged",
			 num, i))
		rename_entry(e, i);
}

// ---- Directories ------------------------------------------------------------

// Calls fn for each entry of directory num that is on the disk. Returns the
// number of the first page without a block; if there is none, of pages.
static uint
each_entry(struct fsck *f, uint num,
	   void (*fn)(struct fsck *f, uint num, uint i, struct dirent *e))
{
	const struct dinode *d = fsck_dinode(f, num);
	uint slots = d->size / sizeof(struct dirent);
	uint pages = fs_blocks_of(d->size), hole = pages;

	for (uint page = 0; page < pages; page++) {
		uint b = fsck_block_of(f, d, page), i = page * FS_DPB;
		struct dirent *e = fsck_block(f, b);

		if (!b && hole == pages)
			hole = page;
		for (; b && i < slots && i / FS_DPB == page; i++, e++)
			fn(f, num, i, e);
	}
	return hole;
}

static void
look_at(struct fsck *f, uint num, uint i, struct dirent *e)
{
	if (i < 2)
		check_dots(f, num, i == 1, e);
	else if (e->inum)
		check_entry(f, num, i, e);
}

// The entries of the directory that each_entry is in.
struct seen {
	struct dirent *e;
	uint i; // its place
};
static struct seen *seen;
static uint nseen;

static void
gather(struct fsck *f, uint num, uint i, struct dirent *e)
{
	(void)f, (void)num;
	if (!e->inum)
		return;
	// Space for twice as many, whenever the count is a power of two.
	if ((nseen & (nseen - 1)) == 0)
		seen = realloc(seen, 2 * (nseen + 1) * sizeof(seen[0]));
	if (!seen)
		abort();
	seen[nseen++] = (struct seen){ e, i };
}

// By name, and entries of one name by their places.
static int
compare_names(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int order = memcmp(x->e->name, y->e->name, NAME_BYTES);

	return order ? order : x->i < y->i ? -1 : 1;
}

// Two entries of one name: the second could never be reached.
static void
check_twins(struct fsck *f, uint num)
{
	qsort(seen, nseen, sizeof(seen[0]), compare_names);
	for (uint i = 1, first = 0; i < nseen; i++) {
		if (memcmp(seen[first].e->name, seen[i].e->name, NAME_BYTES))
			first = i;
		else if (fsck_problem(f,
				      "directory %u: two entries are named %s",
				      num, shown(seen[i].e->name)))
			rename_entry(seen[i].e, seen[i].i);
	}
}

// Gives page `page` of directory num an empty block. Where that is not
// possible, the directory ends before it.
static void
give_page(struct fsck *f, uint num, uint page)
{
	struct dinode *d = fsck_dinode(f, num);
	uint32_t *place = fsck_place_of(f, d, page);

	if (place)
		*place = fsck_new_block(f, num);
	if (place && *place)
		return;
	if (page == 0 && num != FS_ROOT) { // nothing was in it
		memset(d, 0, sizeof(*d));
		return;
	}
	d->size = page * FS_BLOCK;
	d->addrs[FS_DOUBLE] = 0;
	if (page < FS_DOUBLE_FIRST)
		d->addrs[FS_INDIRECT] = 0;
	for (uint i = page; i < FS_NDIRECT; i++)
		d->addrs[i] = 0;
}

// Page `hole` of directory num has no block. If none follows, its size is
// wrong.
static void
fill_directory(struct fsck *f, uint num, uint hole)
{
	struct dinode *d = fsck_dinode(f, num);
	uint end = fs_blocks_of(d->size);

	while (end > max_uint(hole, 1) && !fsck_block_of(f, d, end - 1))
		end--;
	d->size = min_uint(d->size, end * FS_BLOCK);
	for (uint p = hole; p < fs_blocks_of(d->size); p++)
		if (!fsck_block_of(f, d, p))
			give_page(f, num, p);
}

static void
check_directory(struct fsck *f, uint num)
{
	struct dinode *d = fsck_dinode(f, num);
	uint hole;

	if (d->size < 2 * sizeof(struct dirent) &&
	    fsck_problem(f, "directory %u: it has no room for . and ..", num))
		d->size = 2 * sizeof(struct dirent);
	hole = each_entry(f, num, look_at);
	if (hole < fs_blocks_of(d->size) &&
	    fsck_problem(f, "directory %u: page %u has no block", num, hole))
		fill_directory(f, num, hole);
	nseen = 0;
	each_entry(f, num, gather);
	check_twins(f, num);
}

static void
check_root(struct fsck *f)
{
	struct dinode *d = fsck_dinode(f, FS_ROOT);

	f->parent[FS_ROOT] = FS_ROOT;
	f->names[FS_ROOT]++;
	if (d->type == T_DIR)
		return;
	if (!fsck_problem(f, "inode %u, the root, is no directory", FS_ROOT))
		return;
	d->type = T_DIR;
	d->nlink = 1;
	d->size -= d->size % sizeof(struct dirent);
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
	check_root(f);
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

// ---- Lost inodes ------------------------------------------------------------

static bool
lost(const struct fsck *f, uint num)
{
	const struct dinode *d = fsck_dinode(f, num);

	return super_is_inode(&f->sb, num) && d->type && d->nlink &&
	       !f->orphan[num] && !f->names[num];
}

// The directory that a lost directory says it was in, or 0.
static uint
former_parent(const struct fsck *f, uint num)
{
	uint b = fsck_block_of(f, fsck_dinode(f, num), 0);
	const struct dirent *e = fsck_block(f, b);

	return b ? e[1].inum : 0;
}

// Which lost inode gets a name in this round? Of directories the uppermost, so
// that what is below keeps its place: in a circle, any. Then all others.
static void
attach_lost(struct fsck *f)
{
	uint any = 0, num;

	for (num = 1; num < f->sb.inodes; num++) {
		if (!lost(f, num) || fsck_dinode(f, num)->type != T_DIR)
			continue;
		any = num;
		if (!lost(f, former_parent(f, num)))
			break;
	}
	if (any) {
		fsck_attach(f, num < f->sb.inodes ? num : any);
		return;
	}
	for (num = 1; num < f->sb.inodes; num++)
		if (lost(f, num))
			fsck_attach(f, num);
}

// ---- Links ------------------------------------------------------------------

static void
check_links(struct fsck *f, uint num, struct dinode *d)
{
	uint have = f->names[num];
	uint want = d->type == T_DIR ? 1 + f->subdirs[num] : have;

	if (f->orphan[num] && have &&
	    fsck_problem(f, "inode %u: an orphan, but it has a name", num))
		fsck_cut_orphans(f);
	if (f->orphan[num] || !d->nlink)
		return;
	if (!have)
		fsck_problem(f, "inode %u: no name leads to it", num);
	else if ((uint)d->nlink != want &&
		 fsck_problem(f,
			      "inode %u: it counts %d links, but there are %u",
			      num, d->nlink, want))
		d->nlink = (int16_t)min_uint(want, FS_MAXLINKS);
}

void
fsck_tree(struct fsck *f)
{
	check_tree(f);
	for (uint i = 1; i < f->sb.inodes; i++)
		if (fsck_dinode(f, i)->type)
			check_links(f, i, fsck_dinode(f, i));
	if (f->mend)
		attach_lost(f);
}
