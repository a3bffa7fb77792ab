// false: fails.
#include "user.h"

int
main(int argc, char *argv[])
{
	return 1;
}
