// rm: removes files and empty directories, with -r whole trees.
#include "user.h"

int
main(int argc, char *argv[])
{
	bool trees = argc > 1 && strcmp(argv[1], "-r") == 0;
	int status = 0;

	argc -= trees;
	argv += trees;
	no_options(&argc, &argv, "[-r] NAME...");
	if (argc < 2)
		usage("[-r] NAME...");
	for (int i = 1; i < argc; i++) {
		if (trees) {
			if (remove_tree(argv[i]) < 0) {
				warn("%s", argv[i]);
				status = 1;
			}
		} else if (unlink(argv[i]) < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
