// mkdir [-p] DIRECTORY...: makes directories; -p: those above too.
#include "user.h"

// Makes every directory of the path that is not there.
static int
make_all(const char *name)
{
	char path[256];
	uint i = 0;

	if (strlen(name) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	do {
		path[i] = name[i];
		if (i == 0 || (name[i] != '/' && name[i] != 0))
			continue;
		path[i] = 0;
		if (mkdir(path) < 0 && !is_dir(path))
			return -1;
		path[i] = name[i];
	} while (name[i++] != 0);
	return 0;
}

int
main(int argc, char *argv[])
{
	bool all = one_option(&argc, &argv, 'p', "[-p] DIRECTORY...");

	if (argc < 2)
		usage("[-p] DIRECTORY...");
	return for_each_name(argc, argv, all ? make_all : mkdir);
}
