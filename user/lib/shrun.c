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
		sh_move_fd(e->in, 0);
		sh_move_fd(e->out, 1);
		sh_run_child(sh, c);
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
	int in = -1, group = sh->watcher > 0 ? sh->watcher : 0;

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

// A command's first word, for a message; "()" if it is no plain word.
static const char *
command_name(const struct sh_node *c)
{
	const char *s =
		c->kind == SH_COMMAND && c->words ? c->words->text : "()";

	for (const char *t = s; *t != 0; t++)
		if ((uchar)*t < SH_MARKS)
			return "()";
	return s;
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
		warnx("%s: killed (%s)", command_name(c), signal_name(sig));
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
	if (sh->jobs && !sh->watcher)
		setfg(0);
}

static void
run_builtin(struct shell *sh, const struct sh_builtin *b,
	    const struct sh_node *c)
{
	int argc;
	char **argv = sh_expand_words(sh, c->words, &argc);

	sh->status = b->run(sh, argc, argv);
	sh_free_words(argv);
}

// Runs the only command of a pipeline without a fork, if it is one that changes
// the shell itself. False: it is another one.
static bool
run_here(struct shell *sh, struct sh_node *c)
{
	const struct sh_builtin *b = sh_builtin(c);

	if (c->next || c->redirs || c->kind == SH_SUB)
		return false;
	if (c->kind != SH_COMMAND) {
		sh_run_compound(sh, c);
	} else if (b) {
		run_builtin(sh, b, c);
	} else {
		for (const struct sh_word *w = c->words; w; w = w->next)
			if (!sh_is_assignment(w->text))
				return false;
		sh->status = 0;
		sh_assign(sh, c);
	}
	return true;
}

static void
run_pipeline(struct shell *sh, struct sh_node *p)
{
	bool started;

	if (!run_here(sh, p->first)) {
		for (struct sh_node *c = p->first; c; c = c->next)
			c->pid = -1;
		started = start_pipeline(sh, p);
		wait_pipeline(sh, p);
		if (!started)
			sh->status = 1;
	}
	if (p->negated && !sh->interrupted)
		sh->status = !sh->status;
}

// Reads all that comes from fd, in new memory, without newlines at the end.
static char *
read_output(int fd)
{
	size_t n = 0, size = 0;
	char *text = NULL;
	int got = 1;

	while (got > 0) {
		if (n + 512 > size) {
			size = 2 * size + 1024;
			text = realloc(text, size);
			if (!text)
				err(1, "$()");
		}
		got = read(fd, text + n, 511);
		n += got > 0 ? got : 0;
	}
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = 0;
	return text;
}

static __noreturn void
output_child(struct shell *sh, const char *text, const int fd[2])
{
	join_group(sh, 0, sh->watcher);
	close(fd[0]);
	sh_move_fd(fd[1], 1);
	sh->jobs = false;
	sh->background = 0;
	sh_run_text(sh, "", text, true);
	exit(sh->status);
}

// The child is in the foreground group, so that Ctrl-C ends it.
char *
sh_output(struct shell *sh, const char *text)
{
	struct sh_node none = { .kind = SH_SUB };
	int fd[2], pid, status = WAIT_EXITED(1);
	char *output;

	if (pipe(fd) < 0) {
		warn("$()");
		return NULL;
	}
	pid = fork();
	if (pid == 0)
		output_child(sh, text, fd);
	close(fd[1]);
	if (pid > 0)
		join_group(sh, pid, sh->watcher ? sh->watcher : pid);
	output = read_output(fd[0]);
	close(fd[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		warn("$()");
	sh->status = command_status(sh, &none, status);
	if (sh->jobs && !sh->watcher)
		setfg(0);
	return output;
}

// ---- Lists ------------------------------------------------------------------

static void
run_andor(struct shell *sh, struct sh_node *a)
{
	for (struct sh_node *p = a->first; p; p = p->next) {
		if (sh->interrupted || sh->leave)
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
		if (sh->interrupted || sh->leave)
			return;
		if (a->background)
			run_background(sh, a);
		else
			run_andor(sh, a);
	}
}

bool
sh_run_text(struct shell *sh, const char *where, const char *text, bool last)
{
	size_t size = SH_MEMORY(strlen(text));
	void *mem = malloc(size);
	const char *error;
	struct sh_node *list;

	sh->interrupted = false;
	if (!mem) {
		warn("%sthis line", where);
		sh->status = 1;
		return true;
	}
	list = sh_parse(text, mem, size, &error);
	if (list) {
		sh_run(sh, list);
	} else if (last || error != sh_more) {
		warnx("%ssyntax error: %s", where, error);
		sh->status = 2;
	}
	free(mem);
	return list || last || error != sh_more;
}

void
sh_reap(struct shell *sh)
{
	int status;

	while (waitpid(-1, &status, WNOHANG) > 0)
		sh->background--;
}
