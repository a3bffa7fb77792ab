// mkdir DIRECTORY...: makes directories.
#include "user.h"

int
main(int argc, char *argv[])
{
	int status = 0;

	no_options(&argc, &argv, "DIRECTORY...");
	if (argc < 2)
		usage("DIRECTORY...");
	for (int i = 1; i < argc; i++) {
		if (mkdir(argv[i]) < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
