// A command in a child of the shell: its files, its words, its program.
#include "user/lib/shrun.h"
#include "user/user.h"

void
sh_move_fd(int from, int to)
{
	if (from < 0 || from == to)
		return;
	if (dup2(from, to) < 0)
		err(1, "file %d", to);
	close(from);
}

// A pipe that gives the text. A grandchild writes it, so that the command waits
// for no child that it does not know.
static int
open_text(const char *text)
{
	int fd[2], pid;

	if (pipe(fd) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		if (fork() == 0)
			write_all(fd[1], text, strlen(text));
		exit(0);
	}
	close(fd[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return fd[0];
}

static void
redirect(struct shell *sh, const struct sh_node *c)
{
	for (const struct sh_redir *r = c->redirs; r; r = r->next) {
		char *path = sh_expand(sh, r->path);
		int fd;

		if (r->flags == SH_DUP) {
			if (dup2(r->from, r->fd) < 0)
				err(1, "file %d", r->from);
			free(path);
			continue;
		}
		fd = r->flags < 0 ? open_text(path) : open(path, r->flags);
		if (fd < 0)
			err(1, "%s", r->flags < 0 ? "<<" : path);
		sh_move_fd(fd, r->fd);
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

static __noreturn void
exec_command(int argc, char **argv)
{
	char *path = path_search(argv[0]);
	int why;

	if (path)
		exec(path, argv);
	why = errno;
	if (why == ENOEXEC && is_text(path))
		exec_script(path, argc, argv);
	errno = why;
	warn("%s", argv[0]);
	exit(why == ENOENT ? 127 : 126);
}

const struct sh_word *
sh_assign(struct shell *sh, const struct sh_node *c)
{
	const struct sh_word *w = c->words;
	int n;

	for (; w && (n = sh_is_assignment(w->text)) > 0; w = w->next) {
		char *value = sh_expand(sh, w->text + n + 1);
		char *name = strdup(w->text);

		if (!name)
			err(1, "%s", w->text);
		name[n] = 0;
		sh_set(sh, name, value);
		free(name);
		free(value);
	}
	return w;
}

// The variables that stand before a command are for its environment.
static void
export_assigned(struct shell *sh, const struct sh_word *w,
		const struct sh_word *end)
{
	for (; w != end; w = w->next) {
		w->text[sh_is_assignment(w->text)] = 0;
		sh_export(w->text, sh_get(sh, w->text));
	}
}

void
sh_run_child(struct shell *sh, struct sh_node *c)
{
	const struct sh_builtin *b = sh_builtin(c);
	const struct sh_word *words;
	char **argv;
	int argc;

	sh->jobs = false;
	sh->background = 0;
	redirect(sh, c);
	if (c->kind != SH_COMMAND) {
		if (c->kind == SH_SUB)
			sh_run(sh, c->first);
		else
			sh_run_compound(sh, c);
		exit(sh->status);
	}
	words = sh_assign(sh, c);
	export_assigned(sh, c->words, words);
	argv = sh_expand_words(sh, words, &argc);
	if (argc == 0) // only redirections or variables, which are done
		exit(0);
	if (b)
		exit(b->run(sh, argc, argv));
	exec_command(argc, argv);
}
