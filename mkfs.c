// mkfs [-s SIZE] IMAGE FILE...: makes an image of a file system with FILEs in
// its root.
//
// The image is built under a temporary name and renamed when it is complete. So
// after an error there is no image, and `make` cannot boot half of one. The
// inode table and the bitmap are kept in memory and written last. A block that
// is never written is a hole in the host's file.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/limits.h"
#include "fs/layout.h"

#define DEFAULT_SIZE (32u << 20)

static struct superblock sb = { .magic = FS_MAGIC, .version = FS_VERSION };
static struct dinode *inodes;
static uint32_t *bitmap;
static uint next_inode = FS_ROOT + 1;
static uint next_block;

static FILE *out;
static const char *image;
static char *temp; // the image's name while it is being built

// ---- Errors ----------------------------------------------------------------

static __noreturn __printf(1, 2) void die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "mkfs: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	if (temp)
		remove(temp);
	exit(1);
}

static void *
zalloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		die("out of memory");
	return p;
}

// ---- Blocks ----------------------------------------------------------------

static void
write_block(uint block, const void *buf)
{
	if (fseeko(out, (off_t)block * FS_BLOCK, SEEK_SET) ||
	    fwrite(buf, FS_BLOCK, 1, out) != 1)
		die("%s: %s", temp, strerror(errno));
}

static void
mark_used(uint block)
{
	bitmap[block / 32] |= 1u << (block % 32);
}

// If the image is full, the message names the file `for_whom`.
static uint
new_block(const char *for_whom)
{
	if (next_block >= sb.blocks)
		die("%s does not fit: the image has %u blocks of %u bytes "
		    "(-s makes it larger)",
		    for_whom, sb.blocks, FS_BLOCK);
	mark_used(next_block);
	return next_block++;
}

// ---- Files -----------------------------------------------------------------

// A file that is being written, block by block. Its tables are in memory.
struct writer {
	const char *name;
	struct dinode *d;
	uint32_t leaf[FS_PTRS], trunk[FS_PTRS];
	uint leaf_block;
	uint index; // the next block of the file
};

static void
flush_leaf(struct writer *w)
{
	if (w->leaf_block)
		write_block(w->leaf_block, w->leaf);
	w->leaf_block = 0;
}

// Begins the table that holds the entry of w->index.
static void
new_leaf(struct writer *w)
{
	flush_leaf(w);
	memset(w->leaf, 0, sizeof(w->leaf));
	w->leaf_block = new_block(w->name);
	if (w->index < FS_DOUBLE_FIRST) {
		w->d->addrs[FS_INDIRECT] = w->leaf_block;
		return;
	}
	if (!w->d->addrs[FS_DOUBLE])
		w->d->addrs[FS_DOUBLE] = new_block(w->name);
	w->trunk[(w->index - FS_DOUBLE_FIRST) / FS_PTRS] = w->leaf_block;
}

static void
append_block(struct writer *w, const void *buf, uint n)
{
	uint i = w->index - FS_NDIRECT, block;

	if (w->index >= FS_NDIRECT && i % FS_PTRS == 0)
		new_leaf(w);
	block = new_block(w->name);
	write_block(block, buf);
	if (w->index < FS_NDIRECT)
		w->d->addrs[w->index] = block;
	else
		w->leaf[i % FS_PTRS] = block;
	w->index++;
	w->d->size += n;
}

static void
finish(struct writer *w)
{
	flush_leaf(w);
	if (w->d->addrs[FS_DOUBLE])
		write_block(w->d->addrs[FS_DOUBLE], w->trunk);
}

static void
copy_file(const char *path, struct dinode *d)
{
	struct writer w = { .name = path, .d = d };
	FILE *in = fopen(path, "rb");
	char buf[FS_BLOCK];
	size_t n;

	if (!in)
		die("%s: %s", path, strerror(errno));
	while ((n = fread(buf, 1, FS_BLOCK, in)) > 0) {
		if (d->size > FS_MAXSIZE - FS_BLOCK)
			die("%s is too large for one file", path);
		memset(buf + n, 0, FS_BLOCK - n);
		append_block(&w, buf, (uint)n);
	}
	if (ferror(in))
		die("%s: %s", path, strerror(errno));
	fclose(in);
	finish(&w);
}

// ---- The root directory ----------------------------------------------------

// An entry of the image, and the host's file that it is made from.
struct item {
	struct dirent e;
	const char *path;
};

static void
set_name(struct dirent *e, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base ? base + 1 : path;
	if (*base == '_')
		base++;
	n = strlen(base);
	if (n == 0)
		die("%s: the name is empty", path);
	if (n > NAME_MAX)
		die("%s: the name has more than %d characters", path, NAME_MAX);
	memset(e->name, 0, sizeof(e->name));
	memcpy(e->name, base, n);
}

// Enters path. It replaces an earlier file of the same name. Returns the count.
static uint
add_item(struct item *items, uint count, const char *path)
{
	struct item it = { .path = path };
	uint i;

	set_name(&it.e, path);
	for (i = 0; i < count; i++)
		if (!memcmp(items[i].e.name, it.e.name, NAME_MAX))
			break;
	items[i] = it;
	return i == count ? count + 1 : count;
}

static void
add_files(struct item *items, uint count)
{
	for (uint i = 0; i < count; i++) {
		struct dinode *d;

		if (next_inode >= sb.inodes)
			die("%u files: the image has only %u inodes", count,
			    sb.inodes);
		d = &inodes[next_inode];
		d->type = T_FILE;
		d->nlink = 1;
		copy_file(items[i].path, d);
		items[i].e.inum = (ushort)next_inode++;
	}
}

static void
write_root(const struct item *items, uint count)
{
	struct dinode *d = &inodes[FS_ROOT];
	struct writer w = { .name = "the root directory", .d = d };
	struct dirent block[FS_DPB] = { { FS_ROOT, "." }, { FS_ROOT, ".." } };
	uint n = 2;

	d->type = T_DIR;
	d->nlink = 1;
	for (uint i = 0; i < count; i++) {
		block[n++] = items[i].e;
		if (n == FS_DPB) {
			append_block(&w, block, sizeof(block));
			memset(block, 0, sizeof(block));
			n = 0;
		}
	}
	if (n)
		append_block(&w, block, n * sizeof(block[0]));
	finish(&w);
}

// ---- The image -------------------------------------------------------------

static uint
clamp(uint n, uint low, uint high)
{
	return n < low ? low : n > high ? high : n;
}

// Decides the sizes: an inode for each four blocks, 1/32 for the journal.
static void
lay_out(unsigned long long size, uint files)
{
	if (size / FS_BLOCK > FS_MAXBLOCKS)
		die("at most %u blocks of %u bytes", FS_MAXBLOCKS, FS_BLOCK);
	sb.blocks = (uint)(size / FS_BLOCK);
	sb.inodes = clamp(sb.blocks / 4, 2 * FS_IPB, FS_MAXINODES);
	if (files + FS_ROOT + 1 > sb.inodes)
		sb.inodes = clamp(files + FS_IPB, 0, FS_MAXINODES);
	sb.inodes = (sb.inodes + FS_IPB - 1) / FS_IPB * FS_IPB;
	sb.log_blocks = 1 + clamp(sb.blocks / 32, FS_LOG_MIN, FS_LOG_MAX);
	super_place(&sb);
	if (!super_valid(&sb))
		die("%llu bytes are too few for a file system", size);
	inodes = zalloc(sb.inode_blocks, FS_BLOCK);
	bitmap = zalloc(sb.bitmap_blocks, FS_BLOCK);
	for (next_block = 0; next_block < sb.data_start; next_block++)
		mark_used(next_block);
}

static void
create_image(void)
{
	size_t n = strlen(image) + 32;

	temp = zalloc(n, 1);
	snprintf(temp, n, "%s.%ld.tmp", image, (long)getpid());
	out = fopen(temp, "wb");
	if (!out) {
		int err = errno;

		free(temp);
		temp = NULL;
		die("%s: %s", image, strerror(err));
	}
	if (ftruncate(fileno(out), (off_t)sb.blocks * FS_BLOCK))
		die("%s: %s", temp, strerror(errno));
}

// Writes everything except the blocks of files, then renames the image.
static void
write_tables(void)
{
	static const char zeros[FS_BLOCK];
	char super[FS_BLOCK] = { 0 };

	for (uint i = 0; i < sb.inode_blocks; i++) {
		const void *b = inodes + i * FS_IPB;

		if (memcmp(b, zeros, FS_BLOCK))
			write_block(sb.inode_start + i, b);
	}
	for (uint i = 0; i < sb.bitmap_blocks; i++)
		write_block(sb.bitmap_start + i, bitmap + i * FS_PTRS);
	memcpy(super, &sb, sizeof(sb));
	write_block(FS_SUPER, super);
	if (fclose(out))
		die("%s: %s", temp, strerror(errno));
	if (rename(temp, image))
		die("%s: %s", image, strerror(errno));
}

static __noreturn void
usage(void)
{
	fprintf(stderr, "usage: mkfs [-s SIZE[K|M|G]] IMAGE FILE...\n");
	exit(2);
}

static unsigned long long
parse_size(const char *s)
{
	char *end;
	unsigned long long n = strtoull(s, &end, 10);
	uint shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;

	if (end == s || (shift ? end[1] : *end) || n > 1ull << 40)
		usage();
	return n << shift;
}

int
main(int argc, char **argv)
{
	unsigned long long size = DEFAULT_SIZE;
	struct item *items;
	uint count = 0;
	int c;

	while ((c = getopt(argc, argv, "s:")) != -1) {
		if (c != 's')
			usage();
		size = parse_size(optarg);
	}
	if (optind >= argc)
		usage();
	image = argv[optind++];
	items = zalloc((size_t)(argc - optind) + 1, sizeof(*items));
	for (; optind < argc; optind++)
		count = add_item(items, count, argv[optind]);
	lay_out(size, count);
	create_image();
	add_files(items, count);
	write_root(items, count);
	write_tables();
	free(items);
	free(inodes);
	free(bitmap);
	free(temp);
	return 0;
}
