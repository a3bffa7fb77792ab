// fsck [-y] IMAGE: says in words what is wrong with a file system.
//
// The journal is recovered in memory. With -y it is recovered in the image, and
// the image is mended. Exit status: 0 for an image that is clean, or clean now;
// 1 for an image with problems; 2 if the image cannot be read.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/fsck/fsck.h"

// The bytes of the image, *n blocks. NULL, with a message, if that fails.
static void *
map_image(const char *path, bool write, uint *n)
{
	FILE *file = fopen(path, write ? "r+b" : "rb");
	off_t size = file ? lseek(fileno(file), 0, SEEK_END) : -1;
	void *bytes = MAP_FAILED;

	if (size >= FS_BLOCK)
		bytes = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
			     write ? MAP_SHARED : MAP_PRIVATE, fileno(file), 0);
	if (bytes == MAP_FAILED) {
		fprintf(stderr, "fsck: %s: %s\n", path,
			size < 0 || size >= FS_BLOCK ? strerror(errno)
						     : "too short");
		return NULL;
	}
	*n = (uint)(size / FS_BLOCK);
	return bytes;
}

static uint
mend_image(struct fsck *f, void *bytes, uint n, const char *path)
{
	uint first, left = fsck_mend(f, bytes, n, &first);

	if (first && !left)
		printf("%s: %u problems, mended\n", path, first);
	return left;
}

int
main(int argc, char **argv)
{
	bool yes = argc == 3 && !strcmp(argv[1], "-y");
	const char *path = argv[1 + yes];
	struct fsck f;
	void *bytes;
	uint n, problems;

	if (argc != 2 + yes) {
		fprintf(stderr, "usage: fsck [-y] IMAGE\n");
		return 2;
	}
	bytes = map_image(path, yes, &n);
	if (!bytes)
		return 2;
	problems =
		yes ? mend_image(&f, bytes, n, path) : fsck_image(&f, bytes, n);
	if (problems) {
		printf("%s: %u problems\n", path, problems);
		return 1;
	}
	printf("%s: clean\n", path);
	return 0;
}
