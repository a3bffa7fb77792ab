// pwd: prints the path of the current directory.
#include "user.h"

int
main(int argc, char *argv[])
{
	char path[PATH_MAX];

	no_arguments(argc, argv);
	if (!getcwd(path, sizeof(path)))
		err(1, "the current directory");
	if (puts(path) < 0)
		err(1, "write");
	return 0;
}
