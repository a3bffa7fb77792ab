// kill [-9 | -s KILL] PID...: ends processes.
//
// There is one signal, SIGKILL, so that -9, -KILL, -SIGKILL and -s KILL all say
// what happens anyway.
#include "user.h"

#define ARGS "[-9 | -s KILL] PID..."

static void
check_signal(const char *name)
{
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	if (strcmp(name, "9") != 0 && strcmp(name, "KILL") != 0)
		errx(1, "%s: the only signal is 9, KILL", name);
}

// Returns the index of the first PID.
static int
skip_signal(int argc, char *argv[])
{
	if (argc < 2 || argv[1][0] != '-')
		return 1;
	if (strcmp(argv[1], "--") == 0)
		return 2;
	if (strcmp(argv[1], "-s") == 0) {
		if (argc < 3)
			usage(ARGS);
		check_signal(argv[2]);
		return 3;
	}
	check_signal(argv[1] + 1);
	return 2;
}

int
main(int argc, char *argv[])
{
	int first = skip_signal(argc, argv), status = 0, pid;

	if (first >= argc)
		usage(ARGS);
	for (int i = first; i < argc; i++) {
		if (parse_int(argv[i], &pid) < 0) {
			warnx("%s: not the number of a process", argv[i]);
			status = 1;
		} else if (kill(pid) < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
