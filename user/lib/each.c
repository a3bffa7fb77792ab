// Loops over what a command line names: files, names, pairs, lines.
#include "user/user.h"

// Opens the file; "-" is file 0. Returns -1 and errno for a failure.
static int
open_file(const char *name, bool directories)
{
	int fd = strcmp(name, "-") == 0 ? dup(0) : open(name, O_RDONLY);
	struct stat st;

	if (fd < 0 || directories || fstat(fd, &st) < 0 || st.type != T_DIR)
		return fd;
	close(fd);
	errno = EISDIR;
	return -1;
}

static int
each(int argc, char *argv[], int (*body)(int fd, const char *name),
     bool directories)
{
	int status = 0;

	if (argc <= 1)
		return body(0, "-") < 0 ? 1 : 0;
	for (int i = 1; i < argc; i++) {
		int fd = open_file(argv[i], directories);

		if (fd < 0) {
			warn("%s", argv[i]);
			status = 1;
			continue;
		}
		if (body(fd, argv[i]) < 0)
			status = 1;
		close(fd);
	}
	return status;
}

int
for_each_file(int argc, char *argv[], int (*body)(int fd, const char *name))
{
	return each(argc, argv, body, false);
}

int
for_each_node(int argc, char *argv[], int (*body)(int fd, const char *name))
{
	return each(argc, argv, body, true);
}

int
for_each_name(int argc, char *argv[], int (*body)(const char *name))
{
	int status = 0;

	for (int i = 1; i < argc; i++) {
		if (body(argv[i]) == 0)
			continue;
		warn("%s", argv[i]);
		status = 1;
	}
	return status;
}

static int
into_directory(const char *from, const char *dir,
	       int (*body)(const char *from, const char *to))
{
	char *to = path_join(dir, path_base(from));
	int result;

	if (!to)
		err(1, "%s", dir);
	result = body(from, to);
	free(to);
	return result;
}

int
for_each_pair(int argc, char *argv[],
	      int (*body)(const char *from, const char *to))
{
	const char *to = argv[argc - 1];
	int status = 0;

	if (!is_dir(to)) {
		if (argc != 3)
			errx(1, "%s: Not a directory", to);
		return body(argv[1], to) < 0;
	}
	for (int i = 1; i < argc - 1; i++)
		if (into_directory(argv[i], to, body) < 0)
			status = 1;
	return status;
}

int
for_each_line(int fd, const char *name,
	      bool (*body)(const char *line, size_t len))
{
	struct reader in;
	size_t len;
	int result;

	reader_init(&in, fd);
	while ((result = reader_line(&in, &len)) > 0)
		if (!body(in.line, len))
			break;
	if (result < 0)
		warn("%s", name);
	reader_free(&in);
	return result < 0 ? -1 : 0;
}
