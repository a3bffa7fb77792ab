// fsput [-d DIR] -c FSCK IMAGE FILE...  copies files into an image
// fsput -g NAME [-o FILE] IMAGE         copies one out of it
// fsput -u IMAGE                        fails if a machine runs on it
//
// A file that the image has under that name gets the new contents and keeps its
// other names. A file with the same contents is left alone. As with mkfs, a
// leading _ of the host's name is dropped.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/limits.h"
#include "tools/fsput/image.h"

struct options {
	const char *dir, *fsck, *get, *out;
	bool ask;
};

// ---- In ---------------------------------------------------------------------

// A whole file of the host. *n gets its size.
static char *
read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t room = 0, got = 1;

	if (!f)
		die("%s: %s", path, strerror(errno));
	for (*n = 0; got > 0; *n += got) {
		if (*n == room) {
			room = 2 * room + 65536;
			text = realloc(text, room);
		}
		if (!text)
			die("out of memory");
		got = fread(text + *n, 1, room - *n, f);
	}
	if (ferror(f))
		die("%s: %s", path, strerror(errno));
	if (*n > FS_MAXSIZE)
		die("%s is too large for one file", path);
	fclose(f);
	return text;
}

// Page `index` of a file of the image; zeros for a hole.
static const void *
page(struct image *im, struct dinode *d, uint index)
{
	static const char zeros[FS_BLOCK];
	uint32_t *slot = image_slot(im, d, index, false);

	return slot && *slot ? image_block(im, *slot) : zeros;
}

static uint
part(uint size, uint index)
{
	uint left = size - index * FS_BLOCK;

	return left < FS_BLOCK ? left : FS_BLOCK;
}

static bool
same(struct image *im, struct dinode *d, const char *text, uint n)
{
	if (d->size != n)
		return false;
	for (uint i = 0; i < fs_blocks_of(n); i++)
		if (memcmp(page(im, d, i), text + (size_t)i * FS_BLOCK,
			   part(n, i)))
			return false;
	return true;
}

static void
fill(struct image *im, struct dinode *d, const char *text, uint n)
{
	image_truncate(im, d);
	for (uint i = 0; i < fs_blocks_of(n); i++) {
		uint32_t *slot = image_slot(im, d, i, true);

		*slot = image_new_block(im);
		memcpy(image_block(im, *slot), text + (size_t)i * FS_BLOCK,
		       part(n, i));
	}
	d->size = n;
}

// The name that a file of the host has in the image; *n gets its length.
static const char *
image_name(const char *path, uint *n)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	name += *name == '_';
	*n = strlen(name);
	if (*n == 0 || *n > NAME_MAX)
		die("%s: a name has 1 to %d characters", path, NAME_MAX);
	return name;
}

// The file of that name in dir, which is made if there is none.
static struct dinode *
file_for(struct image *im, uint dir, const char *path)
{
	uint n, num;
	const char *name = image_name(path, &n);
	struct dirent *e = image_find(im, dir, name, n);
	struct dinode *d;

	if (e) {
		d = image_inode(im, e->inum);
		if (d->type != T_FILE)
			die("%s: %s is no file", im->path, name);
		return d;
	}
	num = image_new_inode(im);
	d = image_inode(im, num);
	*d = (struct dinode){ .type = T_FILE, .nlink = 1 };
	e = image_new_entry(im, dir);
	memcpy(e->name, name, n);
	e->inum = (ushort)num;
	im->changed = true;
	return d;
}

static void
put(struct image *im, uint dir, const char *path)
{
	size_t n;
	char *text = read_file(path, &n);
	struct dinode *d = file_for(im, dir, path);

	if (!same(im, d, text, (uint)n))
		fill(im, d, text, (uint)n);
	free(text);
}

// ---- Out --------------------------------------------------------------------

static void
get(struct image *im, const char *name, const char *to)
{
	struct dinode *d = image_inode(im, image_lookup(im, name));
	FILE *out;

	if (d->type != T_FILE || !dinode_valid(d))
		die("%s: %s is no file", im->path, name);
	out = fopen(to, "wbx"); // never over a file that exists
	if (!out && errno == EEXIST && !strncmp(to, "/dev/", 5))
		out = fopen(to, "wb");
	if (!out)
		die("%s: %s", to, strerror(errno));
	for (uint i = 0; i < fs_blocks_of(d->size); i++)
		if (fwrite(page(im, d, i), part(d->size, i), 1, out) != 1)
			die("%s: %s", to, strerror(errno));
	if (fclose(out))
		die("%s: %s", to, strerror(errno));
}

// ---- The command line -------------------------------------------------------

static __noreturn void
usage(void)
{
	fprintf(stderr, "usage: fsput [-d DIR] -c FSCK IMAGE FILE...\n"
			"       fsput -g NAME [-o FILE] IMAGE\n"
			"       fsput -u IMAGE\n");
	exit(2);
}

static void
parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "d:c:g:o:u")) != -1) {
		if (c == 'd')
			o->dir = optarg;
		else if (c == 'c')
			o->fsck = optarg;
		else if (c == 'g')
			o->get = optarg;
		else if (c == 'o')
			o->out = optarg;
		else if (c == 'u')
			o->ask = true;
		else
			usage();
	}
	if (optind == argc || (!o->fsck && !o->get && !o->ask))
		usage();
}

int
main(int argc, char **argv)
{
	struct options o = { .dir = "/" };
	struct image im;
	const char *base;
	uint dir;

	parse(&o, argc, argv);
	if (o.ask)
		return disk_in_use(argv[optind]);
	image_open(&im, argv[optind++]);
	if (o.get) {
		base = strrchr(o.get, '/');
		get(&im, o.get, o.out ? o.out : base ? base + 1 : o.get);
		return 0;
	}
	dir = image_lookup(&im, o.dir);
	for (; optind < argc; optind++)
		put(&im, dir, argv[optind]);
	image_save(&im, o.fsck);
	return 0;
}
