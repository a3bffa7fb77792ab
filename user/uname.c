// uname [-a]: the name of the system; -a: and of its machine.
#include "user.h"

int
main(int argc, char *argv[])
{
	bool all = one_option(&argc, &argv, 'a', "[-a]");

	no_arguments(argc, argv);
	if (puts(all ? "cr3 i686" : "cr3") < 0)
		err(1, "write");
	return 0;
}
