// swapon [PATH]: a file or the third disk takes pages.
//
// Without PATH the disk is /swap, a node that is made if it is absent: `make
// qemu SWAP=64M` starts a machine that has this disk.
#include "user.h"

#define NODE  "/swap"
#define MINOR 2 // the disk behind the boot disk and the files' disk

int
main(int argc, char *argv[])
{
	const char *path = argc > 1 ? argv[1] : NODE;
	struct stat st;

	no_options(&argc, &argv, "[PATH]");
	if (argc > 2)
		usage("[PATH]");
	if (argc == 1 && stat(NODE, &st) < 0)
		mknod(NODE, DEV_DISK, MINOR); // swapon says if that failed
	if (swapon(path) < 0)
		err(1, "%s", path);
	return 0;
}
