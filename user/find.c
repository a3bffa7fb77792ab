// find [PATH...] [TEST VALUE]...: paths below the paths.
//
// Tests: -name PATTERN, -type f or d.
#include "user.h"
#include "user/lib/glob.h"

#define ARGS "[PATH...] [TEST VALUE]..."

static const char *pattern;
static int type; // T_..., 0: any
static int status;

static void
visit(const char *path)
{
	struct stat st;
	struct dir_entry e;
	int fd;

	if (stat(path, &st) < 0) {
		warn("%s", path);
		status = 1;
		return;
	}
	if ((!type || st.type == type) &&
	    (!pattern || glob_match(pattern, path_base(path))))
		puts(path);
	if (st.type != T_DIR)
		return;
	fd = open(path, O_RDONLY);
	while (fd >= 0 && dir_next(fd, &e) > 0) {
		char *below = path_join(path, e.name);

		if (below)
			visit(below);
		free(below);
	}
	if (fd < 0) {
		warn("%s", path);
		status = 1;
	}
	close(fd);
}

static void
take_option(const char *name, const char *value)
{
	if (strcmp(name, "-name") == 0)
		pattern = value;
	else if (strcmp(name, "-type") == 0 && strcmp(value, "f") == 0)
		type = T_FILE;
	else if (strcmp(name, "-type") == 0 && strcmp(value, "d") == 0)
		type = T_DIR;
	else
		usage(ARGS);
}

int
main(int argc, char *argv[])
{
	int paths = 1;

	while (paths < argc && argv[paths][0] != '-')
		paths++;
	for (int i = paths; i < argc; i += 2) {
		if (i + 1 == argc)
			usage(ARGS);
		take_option(argv[i], argv[i + 1]);
	}
	if (paths == 1)
		visit(".");
	for (int i = 1; i < paths; i++)
		visit(argv[i]);
	return status;
}
