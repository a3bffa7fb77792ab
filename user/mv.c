// mv NAME... TO: renames, or moves into a directory.
#include "user.h"

static int
move(const char *from, const char *to)
{
	if (rename(from, to) == 0)
		return 0;
	warn("%s to %s", from, to);
	return -1;
}

static int
move_into(const char *from, const char *dir)
{
	char *to = path_join(dir, path_base(from));
	int result;

	if (!to)
		err(1, "%s", dir);
	result = move(from, to);
	free(to);
	return result;
}

int
main(int argc, char *argv[])
{
	const char *to;
	struct stat st;
	int status = 0;

	no_options(&argc, &argv, "NAME... TO");
	if (argc < 3)
		usage("NAME... TO");
	to = argv[argc - 1];
	if (stat(to, &st) < 0 || st.type != T_DIR) {
		if (argc != 3)
			errx(1, "%s: Not a directory", to);
		return move(argv[1], to) < 0;
	}
	for (int i = 1; i < argc - 1; i++)
		if (move_into(argv[i], to) < 0)
			status = 1;
	return status;
}
