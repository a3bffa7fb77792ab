// The commands that the shell runs itself, without a fork: cd, exit and wait.
#include "user/lib/shrun.h"
#include "user/user.h"

static int
builtin_cd(struct shell *sh, int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : "/";

	if (argc > 2) {
		warnx("cd: more than one directory");
		return 2;
	}
	if (chdir(dir) < 0) {
		warn("cd: %s", dir);
		return 1;
	}
	return 0;
}

static int
builtin_exit(struct shell *sh, int argc, char **argv)
{
	int status = sh->status;

	if (argc > 1 && parse_int(argv[1], &status) < 0) {
		warnx("exit: %s is no number", argv[1]);
		status = 2;
	}
	exit(status);
}

// Starts a process that only waits for Ctrl-C; returns its pid. Ctrl-C ends the
// foreground group. The shell must live on, so it is never in that group, and
// it learns of Ctrl-C by the end of this process.
static int
start_watcher(void)
{
	int pid = fork();

	if (pid == 0)
		for (;;)
			sleep(1000 * HZ);
	if (pid > 0) {
		setpgid(pid, pid);
		setfg(pid);
	}
	return pid;
}

static int
builtin_wait(struct shell *sh, int argc, char **argv)
{
	int watcher = sh->jobs && sh->background > 0 ? start_watcher() : -1;
	int pid, status;

	while (sh->background > 0 && (pid = waitpid(-1, &status, 0)) > 0) {
		if (pid == watcher) {
			sh->interrupted = true;
			break;
		}
		sh->background--;
	}
	if (watcher < 0)
		return 0;
	setfg(0);
	if (sh->interrupted)
		return 128 + SIGINT;
	kill(watcher);
	waitpid(watcher, NULL, 0);
	return 0;
}

static const struct sh_builtin builtins[] = {
	{ "cd", builtin_cd },
	{ "exit", builtin_exit },
	{ "wait", builtin_wait },
};

const struct sh_builtin *
sh_builtin(const struct sh_node *c)
{
	for (uint i = 0; c->words && i < countof(builtins); i++)
		if (strcmp(c->words->text, builtins[i].name) == 0)
			return &builtins[i];
	return NULL;
}
