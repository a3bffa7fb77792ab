// fsck [-y] IMAGE: says in words what is wrong with a file system.
//
// The journal is recovered in memory, or with -y in the image. Exit status: 0
// for a clean image, 1 for an image with problems, 2 if the image cannot be
// read.
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

int
main(int argc, char **argv)
{
	bool yes = argc == 3 && !strcmp(argv[1], "-y");
	struct fsck f;
	void *bytes;
	uint n;

	if (argc != 2 + yes) {
		fprintf(stderr, "usage: fsck [-y] IMAGE\n");
		return 2;
	}
	bytes = map_image(argv[1 + yes], yes, &n);
	if (!bytes)
		return 2;
	if (fsck_image(&f, bytes, n)) {
		printf("%s: %u problems\n", argv[1 + yes], f.problems);
		return 1;
	}
	printf("%s: clean\n", argv[1 + yes]);
	return 0;
}
