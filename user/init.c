// init: the first process; keeps a shell running.
//
// It gives every process its console, and waits for the children that others
// leave behind.
#include "user.h"

static const char *const shell[] = { "sh", NULL };
static const char *const variables[] = { "PATH=/", "HOME=/", NULL };

// Opens files 0, 1 and 2. Before that, no message can be printed.
static void
open_console(void)
{
	if (open("/console", O_RDWR) < 0) {
		mknod("/console", DEV_CONSOLE, 0);
		open("/console", O_RDWR);
	}
	dup(0);
	dup(0);
}

static void
make_devices(void)
{
	struct stat st;

	if (stat("/dev/null", &st) == 0)
		return;
	mkdir("/dev");
	mknod("/dev/null", DEV_NULL, 0);
	mknod("/dev/zero", DEV_ZERO, 0);
	link("/console", "/dev/tty");
}

static int
start_shell(void)
{
	int pid = fork();

	if (pid < 0)
		warn("cannot start a shell");
	if (pid == 0) {
		execve("/sh", (char *const *)shell, (char *const *)variables);
		err(127, "cannot run /sh");
	}
	return pid;
}

// Waits until the shell ends. Other processes that end are orphans.
static void
wait_for(int shell_pid)
{
	int pid, status = 0;

	while ((pid = waitpid(-1, &status, 0)) != shell_pid)
		if (pid < 0)
			return;
	if (WIFSIGNALED(status))
		warnx("the shell was killed (%s)",
		      signal_name(WTERMSIG(status)));
	if (status != 0)
		sleep(HZ / 2); // it may fail again at once
}

int
main(int argc, char *argv[])
{
	open_console();
	make_devices();
	for (;;) {
		int pid = start_shell();

		if (pid > 0)
			wait_for(pid);
		else
			sleep(HZ);
		consmode(CONS_LINE);
		setfg(0);
	}
}
