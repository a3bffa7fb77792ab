// fsck [-y] IMAGE: says in words what is wrong with a file system.
//
// The journal is recovered first, as a mount would, by the kernel's own code:
// in memory, or with -y in the image. Then every inode's blocks, every
// directory's entries, the links and the bitmap are compared with each other. A
// file that has lost its names while open is no fault: the next mount frees it.
// Exit status: 0 for a clean image, 1 for one that is not, 2 if it cannot be
// looked at.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fs/replay.h"
#include "tools/fsck.h"

#define MAX_MESSAGES 100

struct fsck fsck_state;

void
fsck_problem(const char *fmt, ...)
{
	va_list ap;

	if (++fsck_state.problems > MAX_MESSAGES)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

// ---- The superblock and the journal -----------------------------------------

static int
mem_read(void *ctx, uint block, void *buf)
{
	(void)ctx;
	if (block >= fsck_state.nblocks)
		return -EIO;
	memcpy(buf, fsck_block(block), FS_BLOCK);
	return 0;
}

static int
mem_write(void *ctx, uint block, const void *buf)
{
	(void)ctx;
	if (block >= fsck_state.nblocks)
		return -EIO;
	memcpy(fsck_block(block), buf, FS_BLOCK);
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
	if (fsck_state.nblocks <= FS_SUPER) {
		fsck_problem("the image has %u blocks: there is no superblock",
			     fsck_state.nblocks);
		return false;
	}
	memcpy(&fsck_state.sb, fsck_block(FS_SUPER), sizeof(fsck_state.sb));
	if (fsck_state.sb.magic != FS_MAGIC)
		fsck_problem(
			"superblock: the magic number is %#x, not %#x: this is "
			"no file system of ours",
			fsck_state.sb.magic, FS_MAGIC);
	else if (fsck_state.sb.version != FS_VERSION)
		fsck_problem("superblock: version %u, not %u",
			     fsck_state.sb.version, FS_VERSION);
	else if (!super_valid(&fsck_state.sb))
		fsck_problem("superblock: its sizes contradict each other");
	else if (fsck_state.sb.blocks > fsck_state.nblocks)
		fsck_problem("superblock: %u blocks, but the image has only %u",
			     fsck_state.sb.blocks, fsck_state.nblocks);
	return fsck_state.problems == 0;
}

static bool
recover(void)
{
	const struct replay_io io = { mem_read, mem_write, mem_flush, NULL };
	static struct log_header head;
	static uchar buf[FS_BLOCK];
	uint32_t seq;
	int n = replay(&fsck_state.sb, &io, &head, buf, &seq);

	if (n < 0) {
		fsck_problem("journal: it cannot be read");
		return false;
	}
	if (n > 0)
		printf("journal: transaction %u recovered, %d blocks\n", seq,
		       n);
	return check_super();
}

// ---- Inodes and their blocks ------------------------------------------------

static void
check_orphans(void)
{
	uint count = 0;

	for (uint num = fsck_state.sb.orphan; num;
	     num = fsck_dinode(num)->major) {
		if (!super_is_inode(&fsck_state.sb, num)) {
			fsck_problem("orphans: the list leads to inode %u, "
				     "which the "
				     "table does not have",
				     num);
			return;
		}
		if (fsck_state.orphan[num]) {
			fsck_problem("orphans: the list runs in a circle at "
				     "inode %u",
				     num);
			return;
		}
		if (fsck_dinode(num)->type == 0 || fsck_dinode(num)->nlink) {
			fsck_problem(
				"orphans: inode %u is in the list, but is %s",
				num, fsck_dinode(num)->type ? "named" : "free");
			return;
		}
		fsck_state.orphan[num] = true;
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
	if (!super_is_data(&fsck_state.sb, b)) {
		fsck_problem(
			"inode %u: its %s is block %u, outside of the data",
			num, what, b);
		return false;
	}
	if (fsck_state.owner[b]) {
		fsck_problem(
			"inode %u: its %s, block %u, belongs to inode %u too",
			num, what, b, fsck_state.owner[b]);
		return false;
	}
	fsck_state.owner[b] = (ushort)num;
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
			fsck_problem("inode %u: block %u lies behind its end",
				     num, e[i]);
	}
}

static void
check_leaf(uint num, uint b, uint first, uint pages)
{
	if (!b || !claim(num, b, "table"))
		return;
	if (first >= pages)
		fsck_problem("inode %u: table %u lies behind its end", num, b);
	check_blocks(num, fsck_block(b), FS_PTRS, first, pages);
}

static bool
has_blocks(const struct dinode *d)
{
	for (uint i = 0; i < FS_NADDR; i++)
		if (d->addrs[i])
			return true;
	return false;
}

static void
check_inode(uint num, const struct dinode *d)
{
	uint pages = fs_blocks_of(d->size), trunk = d->addrs[FS_DOUBLE];

	if (!dinode_valid(d)) {
		fsck_problem(
			"inode %u: type %d, %d links, size %u is impossible",
			num, d->type, d->nlink, d->size);
		return;
	}
	if (d->nlink == 0 && !fsck_state.orphan[num])
		fsck_problem(
			"inode %u: no names, and not in the list of orphans",
			num);
	if (d->type == T_DEV && (d->size || has_blocks(d)))
		fsck_problem("inode %u: a device, but it has a size or blocks",
			     num);
	check_blocks(num, d->addrs, FS_NDIRECT, 0, pages);
	check_leaf(num, d->addrs[FS_INDIRECT], FS_NDIRECT, pages);
	if (!trunk || !claim(num, trunk, "table of tables"))
		return;
	if (FS_DOUBLE_FIRST >= pages)
		fsck_problem("inode %u: table %u lies behind its end", num,
			     trunk);
	for (uint i = 0; i < FS_PTRS; i++)
		check_leaf(num, ((uint32_t *)fsck_block(trunk))[i],
			   FS_DOUBLE_FIRST + i * FS_PTRS, pages);
}

// ---- The bitmap -------------------------------------------------------------

static void
check_bitmap(void)
{
	const uint32_t *bits = fsck_block(fsck_state.sb.bitmap_start);

	for (uint b = 0; b < fsck_state.sb.blocks; b++) {
		bool used = bits[b / 32] >> (b % 32) & 1;

		if (b < fsck_state.sb.data_start && !used)
			fsck_problem("bitmap: block %u, no data, is free", b);
		else if (b >= fsck_state.sb.data_start && used &&
			 !fsck_state.owner[b])
			fsck_problem("bitmap: block %u is used, but nobody's",
				     b);
		else if (fsck_state.owner[b] && !used)
			fsck_problem("bitmap: block %u is free, but inode %u's",
				     b, fsck_state.owner[b]);
	}
}

// Checks the image in memory, of n blocks. Returns the number of problems.
static uint
fsck(void *bytes, uint n)
{
	struct fsck *f = &fsck_state;

	*f = (struct fsck){ .image = bytes, .nblocks = n };
	if (!check_super() || !recover())
		return f->problems;
	f->owner = calloc(f->sb.blocks, sizeof(*f->owner));
	f->orphan = calloc(FS_MAXINODES, sizeof(*f->orphan));
	if (!f->owner || !f->orphan)
		abort();
	check_orphans();
	for (uint i = 1; i < f->sb.inodes; i++)
		if (fsck_dinode(i)->type)
			check_inode(i, fsck_dinode(i));
	fsck_tree();
	check_bitmap();
	free(f->owner);
	free(f->orphan);
	return f->problems;
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
	bytes = size < FS_BLOCK
			? MAP_FAILED
			: mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
			       yes ? MAP_SHARED : MAP_PRIVATE, fileno(f), 0);
	if (bytes == MAP_FAILED) {
		fprintf(stderr, "fsck: %s: %s\n", argv[1 + yes],
			!f || size < 0 ? strerror(errno) : "too short");
		return 2;
	}
	if (fsck(bytes, (uint)(size / FS_BLOCK))) {
		printf("%s: %u problems\n", argv[1 + yes], fsck_state.problems);
		return 1;
	}
	printf("%s: clean\n", argv[1 + yes]);
	return 0;
}
#endif
