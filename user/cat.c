// cat [FILE...]: prints files, one after the other.
#include "user.h"

static int
cat(int fd, const char *name)
{
	bool writing;

	if (copy_fd(fd, 1, &writing) == 0)
		return 0;
	if (writing) // nobody reads the output any more
		err(1, "write");
	warn("%s", name);
	return -1;
}

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "[FILE...]");
	return for_each_file(argc, argv, cat);
}
