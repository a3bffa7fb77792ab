// fsck's second half: names. Every directory's entries, from the root down, and
// whether the inodes count as many links as there are.
#include "tools/fsck.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint *names;    // of an inode: entries that refer to it
static uint *subdirs;  // of a directory
static ushort *parent; // of a directory: where its name was found

// The block of page `index` of the file, 0 for a hole or a wrong number.
static uint
block_of(const struct dinode *d, uint index)
{
	uint b = 0, i = index - FS_NDIRECT;

	if (index < FS_NDIRECT) {
		b = d->addrs[index];
	} else {
		b = d->addrs[index < FS_DOUBLE_FIRST ? FS_INDIRECT : FS_DOUBLE];
		if (index >= FS_DOUBLE_FIRST &&
		    super_is_data(&fsck_state.sb, b))
			b = ((uint32_t *)fsck_block(b))[i / FS_PTRS - 1];
		if (super_is_data(&fsck_state.sb, b))
			b = ((uint32_t *)fsck_block(b))[i % FS_PTRS];
	}
	return super_is_data(&fsck_state.sb, b) ? b : 0;
}

// Is the name one that a lookup can find: not empty, filled with zeros?
static bool
name_sound(const char *s)
{
	uint n = 0;

	while (n < sizeof(((struct dirent *)0)->name) && s[n])
		if (s[n++] == '/')
			return false;
	if (n == 0)
		return false;
	for (; n < sizeof(((struct dirent *)0)->name); n++)
		if (s[n])
			return false;
	return true;
}

// A name as it can be printed: a damaged one may hold any bytes.
static const char *
shown(const char *name)
{
	static char text[sizeof(((struct dirent *)0)->name) + 1];

	for (uint i = 0; i < sizeof(text) - 1; i++)
		text[i] = name[i] == 0 || (name[i] >= ' ' && name[i] < 0x7F)
				  ? name[i]
				  : '?';
	return text;
}

// The entry at byte off of directory num.
static void
check_entry(uint num, uint off, const struct dirent *e)
{
	uint to = e->inum;

	if (off < 2 * sizeof(*e)) {
		uint want = off ? parent[num] : num;

		if (strcmp(e->name, off ? ".." : ".") || to != want)
			fsck_problem(
				"directory %u: entry %u is %s -> %u, not %s "
				"-> %u",
				num, off / 16, shown(e->name), to,
				off ? ".." : ".", want);
		return;
	}
	if (!to)
		return;
	if (!name_sound(e->name))
		fsck_problem("directory %u: the name of entry %u is damaged",
			     num, off / 16);
	if (!super_is_inode(&fsck_state.sb, to) || !fsck_dinode(to)->type) {
		fsck_problem("directory %u: %s refers to inode %u, which is %s",
			     num, shown(e->name), to,
			     super_is_inode(&fsck_state.sb, to) ? "free"
								: "no inode");
		return;
	}
	names[to]++;
	if (fsck_dinode(to)->type != T_DIR)
		return;
	subdirs[num]++;
	if (parent[to])
		fsck_problem("directory %u has a second name, %s in %u", to,
			     shown(e->name), num);
	else
		parent[to] = (ushort)num;
}

static int
compare_names(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(((struct dirent *)0)->name));
}

// Two entries of one name: the second could never be reached.
static void
check_twins(uint num, char (*all)[14], uint n)
{
	qsort(all, n, sizeof(all[0]), compare_names);
	for (uint i = 1; i < n; i++)
		if (!compare_names(all[i - 1], all[i]))
			fsck_problem("directory %u: two entries are named %s",
				     num, shown(all[i]));
}

static void
check_directory(uint num)
{
	const struct dinode *d = fsck_dinode(num);
	uint n = 0, holes = 0, slots = d->size / sizeof(struct dirent);
	char(*all)[14] = calloc(slots + 1, sizeof(all[0]));

	if (!all)
		abort();
	if (slots < 2)
		fsck_problem("directory %u: it has no room for . and ..", num);
	for (uint i = 0; i < slots; i++) {
		uint b = block_of(d, i / FS_DPB);
		const struct dirent *e = fsck_block(b);

		if (!b) {
			if (!holes++)
				fsck_problem(
					"directory %u: page %u has no block",
					num, i / FS_DPB);
			i += FS_DPB - 1 - i % FS_DPB;
			continue;
		}
		e += i % FS_DPB;
		check_entry(num, i * sizeof(*e), e);
		if (e->inum)
			memcpy(all[n++], e->name, sizeof(all[0]));
	}
	check_twins(num, all, n);
	free(all);
}

// From the root down, so that a directory's parent is known before it is looked
// at. Each is looked at once: parent[] is set once.
static void
check_tree(void)
{
	bool *done = calloc(FS_MAXINODES, sizeof(*done));
	bool more = true;

	if (!done)
		abort();
	parent[FS_ROOT] = FS_ROOT;
	names[FS_ROOT]++;
	if (fsck_dinode(FS_ROOT)->type != T_DIR)
		fsck_problem("inode %u, the root, is no directory", FS_ROOT);
	while (more) {
		more = false;
		for (uint i = FS_ROOT; i < fsck_state.sb.inodes; i++) {
			if (done[i] || !parent[i] ||
			    !dinode_valid(fsck_dinode(i)) ||
			    fsck_dinode(i)->type != T_DIR)
				continue;
			done[i] = more = true;
			check_directory(i);
		}
	}
	free(done);
}

static void
check_links(uint num, const struct dinode *d)
{
	uint want = d->type == T_DIR ? 1 + subdirs[num] : names[num];

	if (fsck_state.orphan[num]) {
		if (names[num])
			fsck_problem("inode %u: an orphan, but it has a name",
				     num);
		return;
	}
	if (d->nlink && !names[num])
		fsck_problem("inode %u: no name leads to it", num);
	else if (d->nlink && (uint)d->nlink != want)
		fsck_problem("inode %u: it counts %d links, but there are %u",
			     num, d->nlink, want);
}

void
fsck_tree(void)
{
	names = calloc(FS_MAXINODES, sizeof(*names));
	subdirs = calloc(FS_MAXINODES, sizeof(*subdirs));
	parent = calloc(FS_MAXINODES, sizeof(*parent));
	if (!names || !subdirs || !parent)
		abort();
	check_tree();
	for (uint i = 1; i < fsck_state.sb.inodes; i++)
		if (fsck_dinode(i)->type)
			check_links(i, fsck_dinode(i));
	free(names);
	free(subdirs);
	free(parent);
}
