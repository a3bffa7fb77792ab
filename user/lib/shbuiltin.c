// The commands that the shell runs itself, without a fork: they change it, or
// know what only it knows.
#include "user/lib/lineedit.h"
#include "user/lib/shrun.h"
#include "user/user.h"

static int
builtin_cd(struct shell *sh, int argc, char **argv)
{
	const char *home = sh_get(sh, "HOME");
	const char *dir = argc > 1 ? argv[1] : home ? home : "/";

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

static int
builtin_wait(struct shell *sh, int argc, char **argv)
{
	int watcher = sh->jobs && sh->background > 0 ? sh_watcher() : -1;
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

// break [N], continue [N].
static int
leave_loops(struct shell *sh, int argc, char **argv, bool again)
{
	int n = 1;

	if (argc > 1 && (parse_int(argv[1], &n) < 0 || n < 1)) {
		warnx("%s: %s is no number of loops", argv[0], argv[1]);
		return 2;
	}
	sh->leave = n < sh->loops ? n : sh->loops;
	sh->again = again;
	return 0;
}

static int
builtin_break(struct shell *sh, int argc, char **argv)
{
	return leave_loops(sh, argc, argv, false);
}

static int
builtin_continue(struct shell *sh, int argc, char **argv)
{
	return leave_loops(sh, argc, argv, true);
}

// export [NAME[=VALUE]...]
static int
builtin_export(struct shell *sh, int argc, char **argv)
{
	for (char **e = environ; argc == 1 && *e; e++)
		printf("export %s\n", *e);
	for (int i = 1; i < argc; i++) {
		int n = sh_is_assignment(argv[i]);

		if (n > 0) {
			argv[i][n] = 0;
			sh_set(sh, argv[i], argv[i] + n + 1);
		}
		sh_export(argv[i], sh_get(sh, argv[i]));
	}
	return 0;
}

static int
builtin_history(struct shell *sh, int argc, char **argv)
{
	for (int i = HISTORY_MAX - 1; i >= 0; i--)
		if (history_get(i))
			printf("%s\n", history_get(i));
	return 0;
}

// read NAME: the next line of file 0, byte by byte, as what follows is for
// others.
static int
builtin_read(struct shell *sh, int argc, char **argv)
{
	char line[512];
	uint n = 0;
	int got;
	char c;

	if (argc != 2) {
		warnx("read: the name of one variable is wanted");
		return 2;
	}
	while ((got = read(0, &c, 1)) == 1 && c != '\n')
		if (n < sizeof(line) - 1)
			line[n++] = c;
	line[n] = 0;
	sh_set(sh, argv[1], line);
	return got == 1 ? 0 : 1;
}

static int
builtin_set(struct shell *sh, int argc, char **argv)
{
	if (argc > 1) {
		warnx("set: only without arguments: prints the variables");
		return 2;
	}
	sh_print_vars(sh);
	return 0;
}

static int
builtin_shift(struct shell *sh, int argc, char **argv)
{
	if (sh->argc < 2)
		return 1;
	sh->argv[1] = sh->argv[0];
	sh->argv++;
	sh->argc--;
	return 0;
}

static int
builtin_unset(struct shell *sh, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		sh_unset(sh, argv[i]);
	return 0;
}

static int
builtin_nothing(struct shell *sh, int argc, char **argv)
{
	return 0;
}

static const struct sh_builtin builtins[] = {
	{":", builtin_nothing},		{"[", sh_test},
	{"break", builtin_break},	{"cd", builtin_cd},
	{"continue", builtin_continue}, {"exit", builtin_exit},
	{"export", builtin_export},	{"history", builtin_history},
	{"read", builtin_read},		{"set", builtin_set},
	{"shift", builtin_shift},	{"test", sh_test},
	{"unset", builtin_unset},	{"wait", builtin_wait},
};

const struct sh_builtin *
sh_builtin(const struct sh_node *c)
{
	if (c->kind != SH_COMMAND)
		return NULL;
	for (uint i = 0; c->words && i < countof(builtins); i++)
		if (strcmp(c->words->text, builtins[i].name) == 0)
			return &builtins[i];
	return NULL;
}
