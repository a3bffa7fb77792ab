// rmdir DIRECTORY...: removes directories that are empty.
#include "user.h"

static int
remove_directory(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	if (st.type == T_DIR)
		return unlink(path);
	errno = ENOTDIR;
	return -1;
}

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "DIRECTORY...");
	if (argc < 2)
		usage("DIRECTORY...");
	return for_each_name(argc, argv, remove_directory);
}
