// touch FILE...: makes empty files.
#include "user.h"

int
main(int argc, char *argv[])
{
	int status = 0;

	no_options(&argc, &argv, "FILE...");
	if (argc < 2)
		usage("FILE...");
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_CREATE);

		if (fd < 0) {
			warn("%s", argv[i]);
			status = 1;
			continue;
		}
		close(fd);
	}
	return status;
}
