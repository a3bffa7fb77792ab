// mkdir DIRECTORY...: makes directories.
#include "user.h"

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "DIRECTORY...");
	if (argc < 2)
		usage("DIRECTORY...");
	return for_each_name(argc, argv, mkdir);
}
