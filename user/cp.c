// cp FILE... TO: copies a file, or files into a directory.
#include "user.h"

// Is the open file fd also the file of that name? To truncate it would lose it.
static bool
same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.dev == b.dev &&
	       a.ino == b.ino;
}

static int
copy_open(int in, const char *from, const char *to)
{
	int out = open(to, O_WRONLY | O_CREATE | O_TRUNC), result;
	bool writing;

	if (out < 0) {
		warn("%s", to);
		return -1;
	}
	result = copy_fd(in, out, &writing);
	if (result < 0)
		warn("%s", writing ? to : from);
	close(out);
	return result;
}

static int
copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), result = -1;

	if (in < 0) {
		warn("%s", from);
		return -1;
	}
	if (is_dir(from))
		warnx("%s: Is a directory", from);
	else if (same_file(in, to))
		warnx("%s and %s are one file", from, to);
	else
		result = copy_open(in, from, to);
	close(in);
	return result;
}

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "FILE... TO");
	if (argc < 3)
		usage("FILE... TO");
	return for_each_pair(argc, argv, copy);
}
