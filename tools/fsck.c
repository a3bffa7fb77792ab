// fsck [-y] IMAGE: says in words what is wrong with a file system.
//
// The journal is recovered first, as a mount would, by the kernel's own code: in
// memory, or with -y in the image. Then every inode's blocks, every directory's
// entries, the links and the bitmap are compared with each other. A file that has
// lost its names while open is no fault: the next mount frees it. Exit status: 0
// for a clean image, 1 for one that is not, 2 if it cannot be looked at.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fs/replay.h"

#define MAX_MESSAGES 100

static uchar *image; // all of it, in memory
static uint nblocks; // that the image has
static struct superblock sb;
static ushort *owner;  // of a block: the first inode that claims it, or 0
static uint *names;    // of an inode: entries that refer to it
static uint *subdirs;  // of a directory
static ushort *parent; // of a directory: where its name was found
static bool *orphan;
static uint problems;

static __printf(1, 2) void
problem(const char *fmt, ...)
{
	va_list ap;

	if (++problems > MAX_MESSAGES)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static void *
block_at(uint b)
{
	return image + (size_t)b * FS_BLOCK;
}

static struct dinode *
dinode_at(uint num)
{
	struct dinode *in_block = block_at(super_inode_block(&sb, num));

	return &in_block[num % FS_IPB];
}

// ---- The superblock and the journal --------------------------------------------------

static int
mem_read(void *ctx, uint block, void *buf)
{
	(void)ctx;
	if (block >= nblocks)
		return -EIO;
	memcpy(buf, block_at(block), FS_BLOCK);
	return 0;
}

static int
mem_write(void *ctx, uint block, const void *buf)
{
	(void)ctx;
	if (block >= nblocks)
		return -EIO;
	memcpy(block_at(block), buf, FS_BLOCK);
	return 0;
}

static int
mem_flush(void *ctx)
{
	(void)ctx;
	return 0;
}

static bool
check_super(void)
{
	if (nblocks <= FS_SUPER) {
		problem("the image has %u blocks: there is no superblock", nblocks);
		return false;
	}
	memcpy(&sb, block_at(FS_SUPER), sizeof(sb));
	if (sb.magic != FS_MAGIC)
		problem("superblock: the magic number is %#x, not %#x: this is "
			"no file system of ours", sb.magic, FS_MAGIC);
	else if (sb.version != FS_VERSION)
		problem("superblock: version %u, not %u", sb.version, FS_VERSION);
	else if (!super_valid(&sb))
		problem("superblock: its sizes contradict each other");
	else if (sb.blocks > nblocks)
		problem("superblock: %u blocks, but the image has only %u",
			sb.blocks, nblocks);
	return problems == 0;
}

static bool
recover(void)
{
	const struct replay_io io = { mem_read, mem_write, mem_flush, NULL };
	static struct log_header head;
	static uchar buf[FS_BLOCK];
	uint32_t seq;
	int n = replay(&sb, &io, &head, buf, &seq);

	if (n < 0) {
		problem("journal: it cannot be read");
		return false;
	}
	if (n > 0)
		printf("journal: transaction %u recovered, %d blocks\n", seq, n);
	return check_super();
}

// ---- Inodes and their blocks ---------------------------------------------------------

static void
check_orphans(void)
{
	uint count = 0;

	for (uint num = sb.orphan; num; num = dinode_at(num)->major) {
		if (!super_is_inode(&sb, num)) {
			problem("orphans: the list leads to inode %u, which the "
				"table does not have", num);
			return;
		}
		if (orphan[num]) {
			problem("orphans: the list runs in a circle at inode %u",
				num);
			return;
		}
		if (dinode_at(num)->type == 0 || dinode_at(num)->nlink) {
			problem("orphans: inode %u is in the list, but is %s", num,
				dinode_at(num)->type ? "named" : "free");
			return;
		}
		orphan[num] = true;
		count++;
	}
	if (count)
		printf("note: %u files without names wait for the next mount\n",
		       count);
}

// Notes that inode num uses block b for `what`. False: it must not be followed.
static bool
claim(uint num, uint b, const char *what)
{
	if (!super_is_data(&sb, b)) {
		problem("inode %u: its %s is block %u, outside of the data",
			num, what, b);
		return false;
	}
	if (owner[b]) {
		problem("inode %u: its %s, block %u, belongs to inode %u too",
			num, what, b, owner[b]);
		return false;
	}
	owner[b] = (ushort)num;
	return true;
}

// The pages [first, first + n) whose blocks e names; `pages` has the file.
static void
check_blocks(uint num, const uint32_t *e, uint n, uint first, uint pages)
{
	for (uint i = 0; i < n; i++) {
		if (!e[i])
			continue;
		claim(num, e[i], "data");
		if (first + i >= pages)
			problem("inode %u: block %u lies behind its end", num,
				e[i]);
	}
}

static void
check_leaf(uint num, uint b, uint first, uint pages)
{
	if (!b || !claim(num, b, "table"))
		return;
	if (first >= pages)
		problem("inode %u: table %u lies behind its end", num, b);
	check_blocks(num, block_at(b), FS_PTRS, first, pages);
}

static void
check_inode(uint num, const struct dinode *d)
{
	uint pages = fs_blocks_of(d->size), trunk = d->addrs[FS_DOUBLE];

	if (!dinode_valid(d)) {
		problem("inode %u: type %d, %d links, size %u is impossible", num,
			d->type, d->nlink, d->size);
		return;
	}
	if (d->nlink == 0 && !orphan[num])
		problem("inode %u: no names, and not in the list of orphans",
			num);
	check_blocks(num, d->addrs, FS_NDIRECT, 0, pages);
	check_leaf(num, d->addrs[FS_INDIRECT], FS_NDIRECT, pages);
	if (!trunk || !claim(num, trunk, "table of tables"))
		return;
	if (FS_DOUBLE_FIRST >= pages)
		problem("inode %u: table %u lies behind its end", num, trunk);
	for (uint i = 0; i < FS_PTRS; i++)
		check_leaf(num, ((uint32_t *)block_at(trunk))[i],
			   FS_DOUBLE_FIRST + i * FS_PTRS, pages);
}

// ---- Directories ---------------------------------------------------------------------

// The block of page `index` of the file, 0 for a hole or a wrong number.
static uint
block_of(const struct dinode *d, uint index)
{
	uint b = 0, i = index - FS_NDIRECT;

	if (index < FS_NDIRECT) {
		b = d->addrs[index];
	} else {
		b = d->addrs[index < FS_DOUBLE_FIRST ? FS_INDIRECT : FS_DOUBLE];
		if (index >= FS_DOUBLE_FIRST && super_is_data(&sb, b))
			b = ((uint32_t *)block_at(b))[i / FS_PTRS - 1];
		if (super_is_data(&sb, b))
			b = ((uint32_t *)block_at(b))[i % FS_PTRS];
	}
	return super_is_data(&sb, b) ? b : 0;
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

// The entry at byte off of directory num.
static void
check_entry(uint num, uint off, const struct dirent *e)
{
	uint to = e->inum;

	if (off < 2 * sizeof(*e)) {
		uint want = off ? parent[num] : num;

		if (strcmp(e->name, off ? ".." : ".") || to != want)
			problem("directory %u: entry %u is %.14s -> %u, not %s "
				"-> %u", num, off / 16, e->name, to,
				off ? ".." : ".", want);
		return;
	}
	if (!to)
		return;
	if (!name_sound(e->name))
		problem("directory %u: the name of entry %u is damaged", num,
			off / 16);
	if (!super_is_inode(&sb, to) || !dinode_at(to)->type) {
		problem("directory %u: %.14s refers to inode %u, which is %s",
			num, e->name, to,
			super_is_inode(&sb, to) ? "free" : "no inode");
		return;
	}
	names[to]++;
	if (dinode_at(to)->type != T_DIR)
		return;
	subdirs[num]++;
	if (parent[to])
		problem("directory %u has a second name, %.14s in %u", to,
			e->name, num);
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
			problem("directory %u: two entries are named %.14s", num,
				all[i]);
}

static void
check_directory(uint num)
{
	const struct dinode *d = dinode_at(num);
	uint n = 0, slots = d->size / sizeof(struct dirent);
	char (*all)[14] = calloc(slots + 1, sizeof(all[0]));

	if (!all)
		abort();
	if (slots < 2)
		problem("directory %u: it has no room for . and ..", num);
	for (uint i = 0; i < slots; i++) {
		uint b = block_of(d, i / FS_DPB);
		const struct dirent *e = block_at(b);

		if (!b) {
			problem("directory %u: page %u has no block", num,
				i / FS_DPB);
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
	if (dinode_at(FS_ROOT)->type != T_DIR)
		problem("inode %u, the root, is no directory", FS_ROOT);
	while (more) {
		more = false;
		for (uint i = FS_ROOT; i < sb.inodes; i++) {
			if (done[i] || !parent[i] || !dinode_valid(dinode_at(i)) ||
			    dinode_at(i)->type != T_DIR)
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

	if (orphan[num]) {
		if (names[num])
			problem("inode %u: an orphan, but it has a name", num);
		return;
	}
	if (d->nlink && !names[num])
		problem("inode %u: no name leads to it", num);
	else if (d->nlink && (uint)d->nlink != want)
		problem("inode %u: it counts %d links, but there are %u", num,
			d->nlink, want);
}

// ---- The bitmap ----------------------------------------------------------------------

static void
check_bitmap(void)
{
	const uint32_t *bits = block_at(sb.bitmap_start);

	for (uint b = 0; b < sb.blocks; b++) {
		bool used = bits[b / 32] >> (b % 32) & 1;

		if (b < sb.data_start && !used)
			problem("bitmap: block %u, no data, is free", b);
		else if (b >= sb.data_start && used && !owner[b])
			problem("bitmap: block %u is used, but nobody's", b);
		else if (owner[b] && !used)
			problem("bitmap: block %u is free, but inode %u's", b,
				owner[b]);
	}
}

static void *
zalloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		abort();
	return p;
}

// Checks the image in memory, of n blocks. Returns the number of problems.
static uint
fsck(void *bytes, uint n)
{
	image = bytes;
	nblocks = n;
	problems = 0;
	if (!check_super() || !recover())
		return problems;
	owner = zalloc(sb.blocks, sizeof(*owner));
	names = zalloc(FS_MAXINODES, sizeof(*names));
	subdirs = zalloc(FS_MAXINODES, sizeof(*subdirs));
	parent = zalloc(FS_MAXINODES, sizeof(*parent));
	orphan = zalloc(FS_MAXINODES, sizeof(*orphan));
	check_orphans();
	for (uint i = 1; i < sb.inodes; i++)
		if (dinode_at(i)->type)
			check_inode(i, dinode_at(i));
	check_tree();
	for (uint i = 1; i < sb.inodes; i++)
		if (dinode_at(i)->type)
			check_links(i, dinode_at(i));
	check_bitmap();
	free(owner);
	free(names);
	free(subdirs);
	free(parent);
	free(orphan);
	return problems;
}

#ifndef FSCK_NO_MAIN
int
main(int argc, char **argv)
{
	bool yes = argc == 3 && !strcmp(argv[1], "-y");
	FILE *f;
	off_t size;
	void *bytes;

	if (argc != 2 + yes) {
		fprintf(stderr, "usage: fsck [-y] IMAGE\n");
		return 2;
	}
	f = fopen(argv[1 + yes], yes ? "r+b" : "rb");
	size = f ? lseek(fileno(f), 0, SEEK_END) : -1;
	bytes = size < FS_BLOCK ? MAP_FAILED :
		mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
		     yes ? MAP_SHARED : MAP_PRIVATE, fileno(f), 0);
	if (bytes == MAP_FAILED) {
		fprintf(stderr, "fsck: %s: %s\n", argv[1 + yes],
			!f || size < 0 ? strerror(errno) : "too short");
		return 2;
	}
	if (fsck(bytes, (uint)(size / FS_BLOCK))) {
		printf("%s: %u problems\n", argv[1 + yes], problems);
		return 1;
	}
	printf("%s: clean\n", argv[1 + yes]);
	return 0;
}
#endif
