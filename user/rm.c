// rm [-r] NAME...: removes files; -r: whole trees.
#include "user.h"

int
main(int argc, char *argv[])
{
	bool trees = one_option(&argc, &argv, 'r', "[-r] NAME...");
	int status = 0;

	if (argc < 2)
		usage("[-r] NAME...");
	for (int i = 1; i < argc; i++) {
		if ((trees ? remove_tree(argv[i]) : unlink(argv[i])) < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
