// du [-s] [PATH...]: kilobytes of files; -s: only the sums.
#include "user.h"

static bool sums;
static int status;

static uint
visit(const char *path, bool top)
{
	struct stat st;
	struct dir_entry e;
	uint kb;
	int fd;

	if (stat(path, &st) < 0) {
		warn("%s", path);
		status = 1;
		return 0;
	}
	kb = (st.size + 1023) / 1024;
	fd = st.type == T_DIR ? open(path, O_RDONLY) : -1;
	while (fd >= 0 && dir_next(fd, &e) > 0) {
		char *below = path_join(path, e.name);

		if (below)
			kb += visit(below, false);
		free(below);
	}
	close(fd);
	if (top || (st.type == T_DIR && !sums))
		printf("%-7u %s\n", kb, path);
	return kb;
}

int
main(int argc, char *argv[])
{
	sums = one_option(&argc, &argv, 's', "[-s] [PATH...]");
	if (argc == 1)
		visit(".", true);
	for (int i = 1; i < argc; i++)
		visit(argv[i], true);
	return status;
}
