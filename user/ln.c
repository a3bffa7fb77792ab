// ln FILE NEWNAME: gives a file a second name.
#include "user.h"

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "FILE NEWNAME");
	if (argc != 3)
		usage("FILE NEWNAME");
	if (link(argv[1], argv[2]) < 0)
		err(1, "%s to %s", argv[1], argv[2]);
	return 0;
}
