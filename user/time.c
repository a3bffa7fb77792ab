// time PROGRAM [ARG...]: runs a program and says how long it took.
#include "user.h"

static __noreturn void
run(char *argv[])
{
	char *path = strchr(argv[0], '/') ? argv[0] : path_join("/", argv[0]);

	if (path)
		exec(path, argv);
	err(127, "%s", argv[0]);
}

int
main(int argc, char *argv[])
{
	int status, begin = uptime(), ticks, pid;

	if (argc < 2)
		usage("PROGRAM [ARG...]");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		run(argv + 1);
	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	ticks = uptime() - begin;
	dprintf(2, "%d.%02d s\n", ticks / HZ, ticks % HZ);
	if (WIFSIGNALED(status)) {
		warnx("%s: killed (%s)", argv[1],
		      signal_name(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}
