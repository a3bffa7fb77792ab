// sleep SECONDS: waits.
#include "user.h"

int
main(int argc, char *argv[])
{
	int seconds;

	if (argc != 2)
		usage("SECONDS");
	if (parse_int(argv[1], &seconds) < 0 || seconds < 0 ||
	    seconds > 0x7fffffff / HZ)
		errx(1, "%s is no number of seconds", argv[1]);
	if (sleep(seconds * HZ) < 0)
		err(1, "sleep");
	return 0;
}
