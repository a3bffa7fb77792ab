// touch FILE...: makes empty files.
#include "user.h"

// A file that exists stays as it is.
static int
touch(const char *path)
{
	int fd = open(path, O_RDONLY | O_CREATE);

	return fd < 0 ? -1 : close(fd);
}

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "FILE...");
	if (argc < 2)
		usage("FILE...");
	return for_each_name(argc, argv, touch);
}
