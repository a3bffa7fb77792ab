// kill: ends processes by their numbers.
#include "user.h"

int
main(int argc, char *argv[])
{
	int status = 0, pid;

	if (argc < 2)
		usage("PID...");
	for (int i = 1; i < argc; i++) {
		if (parse_int(argv[i], &pid) < 0) {
			warnx("%s is no process number", argv[i]);
			status = 1;
		} else if (kill(pid) < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
