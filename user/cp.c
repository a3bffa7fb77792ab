// cp FILE... TO: copies a file, or files into a directory.
#include "user.h"

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.type == T_DIR;
}

// Is what fd has open the file of that name? Truncating it would lose it.
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

static int
copy_into(const char *from, const char *dir)
{
	char *to = path_join(dir, path_base(from));
	int result;

	if (!to)
		err(1, "%s", dir);
	result = copy(from, to);
	free(to);
	return result;
}

int
main(int argc, char *argv[])
{
	const char *to;
	int status = 0;

	no_options(&argc, &argv, "FILE... TO");
	if (argc < 3)
		usage("FILE... TO");
	to = argv[argc - 1];
	if (!is_dir(to)) {
		if (argc != 3)
			errx(1, "%s: Not a directory", to);
		return copy(argv[1], to) < 0;
	}
	for (int i = 1; i < argc - 1; i++)
		if (copy_into(argv[i], to) < 0)
			status = 1;
	return status;
}
