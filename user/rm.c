// rm [-r] NAME...: removes files; -r: whole trees.
#include "user.h"

int
main(int argc, char *argv[])
{
	bool trees = one_option(&argc, &argv, 'r', "[-r] NAME...");

	if (argc < 2)
		usage("[-r] NAME...");
	return for_each_name(argc, argv, trees ? remove_tree : unlink);
}
