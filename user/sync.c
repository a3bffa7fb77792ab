// sync: waits until all writes are on the disk.
#include "user.h"

int
main(int argc, char *argv[])
{
	no_arguments(argc, argv);
	if (sync() < 0)
		err(1, "sync");
	return 0;
}
