// mv NAME... TO: renames, or moves into a directory.
#include "user.h"

static int
move(const char *from, const char *to)
{
	if (rename(from, to) == 0)
		return 0;
	warn("%s to %s", from, to);
	return -1;
}

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "NAME... TO");
	if (argc < 3)
		usage("NAME... TO");
	return for_each_pair(argc, argv, move);
}
