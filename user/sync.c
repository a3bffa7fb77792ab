// sync: waits until everything written is on the disk.
#include "user.h"

int
main(int argc, char *argv[])
{
	if (argc > 1)
		usage("");
	if (sync() < 0)
		err(1, "sync");
	return 0;
}
