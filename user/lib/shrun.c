// The shell's executor.
//
//	list ---- andor ---- pipeline ---- command ---> fork, redirect, exec
//	  "&": a child runs the andor        '-------> built in: no fork
//
// An interactive shell puts each pipeline into a group of its own and makes it
// the foreground group, so that Ctrl-C ends the pipeline and not the shell. At
// the prompt there is no foreground group. A child for a background command,
// for parentheses or for a script keeps all its children in its own group.
#include "user/lib/shrun.h"
#include "user/user.h"

// ---- In a child -------------------------------------------------------------

static void
move_fd(int from, int to)
{
	if (from < 0 || from == to)
		return;
	if (dup2(from, to) < 0)
		err(1, "file %d", to);
	close(from);
}

static void
redirect(struct shell *sh, const struct sh_node *c)
{
	for (const struct sh_redir *r = c->redirs; r; r = r->next) {
		char *path = sh_expand(sh, r->path);
		int fd = open(path, r->flags);

		if (fd < 0)
			err(1, "%s", path);
		move_fd(fd, r->fd);
		free(path);
	}
}

// Is the file a text? Only a text can be a script.
static bool
is_text(const char *path)
{
	char buf[128];
	int fd = open(path, O_RDONLY), n;

	if (fd < 0)
		return false;
	n = read(fd, buf, sizeof(buf));
	close(fd);
	for (int i = 0; i < n; i++)
		if (!isprint(buf[i]) && !isspace(buf[i]) && !(buf[i] & 0x80))
			return false;
	return n > 0;
}

// Runs the text file as `sh path args`.
static void
exec_script(char *path, int argc, char **argv)
{
	char **args = malloc((argc + 2) * sizeof(args[0]));

	if (!args)
		return;
	args[0] = "sh";
	args[1] = path;
	memcpy(args + 2, argv + 1, argc * sizeof(args[0]));
	exec("/sh", args);
}

// A name without a slash is a program in the root directory.
static __noreturn void
exec_command(int argc, char **argv)
{
	char *path = strchr(argv[0], '/') ? argv[0] : path_join("/", argv[0]);
	int why;

	if (!path)
		err(126, "%s", argv[0]);
	errno = ENOENT;
	if (argv[0][0] != 0)
		exec(path, argv);
	why = errno;
	if (why == ENOEXEC && is_text(path))
		exec_script(path, argc, argv);
	errno = why;
	warn("%s", argv[0]);
	exit(why == ENOENT ? 127 : 126);
}

static __noreturn void
run_child(struct shell *sh, struct sh_node *c)
{
	const struct sh_builtin *b = sh_builtin(c);
	char **argv;
	int argc;

	sh->jobs = false;
	sh->background = 0;
	redirect(sh, c);
	if (c->kind == SH_SUB) {
		sh_run(sh, c->first);
		exit(sh->status);
	}
	if (!c->words) // only redirections, which are done
		exit(0);
	argv = sh_expand_words(sh, c, &argc);
	if (b)
		exit(b->run(sh, argc, argv));
	exec_command(argc, argv);
}

// ---- Pipelines --------------------------------------------------------------

// Parent and child both set the group, because either may run first. For the
// parent this may fail, if the child has ended already. That does no harm.
static void
join_group(struct shell *sh, int pid, int group)
{
	if (!sh->jobs)
		return;
	setpgid(pid, group);
	if (group == pid || group == 0)
		setfg(group != 0 ? group : getpid());
}

// A place in a pipeline: the command reads `in` and writes `out` (-1: what the
// shell reads and writes), and closes `unused`, the next command's input.
struct ends {
	int in, out, unused;
};

// Forks a child for command c. Returns its pid, -1 if fork failed.
static int
spawn(struct shell *sh, struct sh_node *c, const struct ends *e, int group)
{
	int pid = fork();

	if (pid == 0) {
		join_group(sh, 0, group);
		if (e->unused >= 0)
			close(e->unused);
		move_fd(e->in, 0);
		move_fd(e->out, 1);
		run_child(sh, c);
	}
	if (pid > 0)
		join_group(sh, pid, group != 0 ? group : pid);
	return pid;
}

static void
close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

// Starts the commands of a pipeline and notes their pids. If a command cannot
// be started, the commands before it end because their pipe is closed.
static bool
start_pipeline(struct shell *sh, struct sh_node *p)
{
	int in = -1, group = 0;

	for (struct sh_node *c = p->first; c; c = c->next) {
		int fd[2] = { -1, -1 };

		if (c->next && pipe(fd) < 0) {
			warn("pipe");
			close_if(in);
			return false;
		}
		c->pid = spawn(sh, c, &(struct ends){in, fd[1], fd[0]}, group);
		if (c->pid < 0)
			warn("fork");
		close_if(in);
		close_if(fd[1]);
		if (c->pid < 0) {
			close_if(fd[0]);
			return false;
		}
		if (group == 0)
			group = c->pid;
		in = fd[0];
	}
	return true;
}

// The value of $? for a waitpid status. Prints a message for a killed command.
static int
command_status(struct shell *sh, const struct sh_node *c, int status)
{
	int sig = WTERMSIG(status);

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (sig == SIGINT)
		sh->interrupted = true;
	else
		warnx("%s: killed (%s)", c->words ? c->words->text : "()",
		      signal_name(sig));
	return 128 + sig;
}

static void
wait_pipeline(struct shell *sh, struct sh_node *p)
{
	for (struct sh_node *c = p->first; c; c = c->next) {
		int status = WAIT_EXITED(1);

		if (c->pid <= 0)
			continue;
		if (waitpid(c->pid, &status, 0) < 0)
			warn("waitpid");
		sh->status = command_status(sh, c, status);
	}
	if (sh->jobs)
		setfg(0);
}

static void
run_pipeline(struct shell *sh, struct sh_node *p)
{
	struct sh_node *c = p->first;
	const struct sh_builtin *b = sh_builtin(c);
	bool started;

	if (b && !c->next && !c->redirs) {
		int argc;
		char **argv = sh_expand_words(sh, c, &argc);

		sh->status = b->run(sh, argc, argv);
		sh_free_words(argv);
		return;
	}
	for (; c; c = c->next)
		c->pid = -1;
	started = start_pipeline(sh, p);
	wait_pipeline(sh, p);
	if (!started)
		sh->status = 1;
}

// ---- Lists ------------------------------------------------------------------

static void
run_andor(struct shell *sh, struct sh_node *a)
{
	for (struct sh_node *p = a->first; p; p = p->next) {
		if (sh->interrupted)
			return;
		if (p == a->first || p->if_failed == (sh->status != 0))
			run_pipeline(sh, p);
	}
}

// Runs a command behind which an & stands: a child in a group of its own, which
// is never the foreground group.
static void
run_background(struct shell *sh, struct sh_node *a)
{
	int pid = fork();

	if (pid == 0) {
		if (sh->jobs)
			setpgid(0, 0);
		sh->jobs = false;
		sh->background = 0;
		run_andor(sh, a);
		exit(sh->status);
	}
	if (pid < 0)
		warn("fork");
	else if (sh->jobs)
		setpgid(pid, pid);
	sh->background += pid > 0;
	sh->status = pid < 0;
}

void
sh_run(struct shell *sh, struct sh_node *list)
{
	for (struct sh_node *a = list->first; a; a = a->next) {
		if (sh->interrupted)
			return;
		if (a->background)
			run_background(sh, a);
		else
			run_andor(sh, a);
	}
}

void
sh_run_text(struct shell *sh, const char *where, const char *text)
{
	size_t size = SH_MEMORY(strlen(text));
	void *mem = malloc(size);
	const char *error;
	struct sh_node *list;

	sh->interrupted = false;
	if (!mem) {
		warn("%sthis line", where);
		sh->status = 1;
		return;
	}
	list = sh_parse(text, mem, size, &error);
	if (list) {
		sh_run(sh, list);
	} else {
		warnx("%ssyntax error: %s", where, error);
		sh->status = 2;
	}
	free(mem);
}

void
sh_reap(struct shell *sh)
{
	int status;

	while (waitpid(-1, &status, WNOHANG) > 0)
		sh->background--;
}
