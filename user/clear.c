// clear: an empty screen.
#include "user.h"

int
main(int argc, char *argv[])
{
	no_arguments(argc, argv);
	return write_all(1, "\033[H\033[J", 6) < 0;
}
