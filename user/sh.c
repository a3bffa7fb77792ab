// sh [-c TEXT | FILE] [ARG...]: the shell.
//
//	sh                          commands from the console, or from file 0
//	sh FILE [ARG...]            from a script
//	sh -c TEXT [NAME [ARG...]]  from an argument; NAME is $0
//
// Its own commands: cd [DIR], exit [STATUS], wait, history; read NAME, set,
// unset NAME, export [NAME[=VALUE]], shift; test or [; break [N], continue [N].
// Its language: a | b, a && b, a || b, a ; b, a &, ( ), if, while, until, for;
// < > >> << 2> 2>&1; * ? [a-z]; $x, $?, $1, $(command), $((sum)), quotes.

// This file gets the lines. user/lib/shparse.c parses them, user/lib/shrun.c
// runs them, and user/lib/lineedit.c reads them from the console.
#include "user.h"
#include "user/lib/lineedit.h"
#include "user/lib/shrun.h"

static struct shell shell;

static void
list_processes(void)
{
	int status = shell.status;

	sh_run_text(&shell, "", "ps -l", true);
	shell.status = status;
}

// Lines that are not complete yet: an if without its fi, an open quote, a
// document without its end.
static char *lines;
static size_t lines_len;

static void
add_line(const char *line, size_t n)
{
	char *p = realloc(lines, lines_len + n + 2);

	if (!p)
		err(1, "reading commands");
	lines = p;
	memcpy(lines + lines_len, line, n);
	lines_len += n;
	lines[lines_len] = 0;
}

// Runs what has been read, with this line at its end, if that is complete.
// `last`: no more lines follow.
static bool
run_line(const char *where, const char *line, bool last)
{
	if (lines_len)
		add_line("\n", 1);
	add_line(line, strlen(line));
	if (!sh_run_text(&shell, where, lines, last))
		return false;
	lines_len = 0;
	return true;
}

// The console: prompt, edit, remember, run. A dropped line drops those before
// it too.
static void
run_console(void)
{
	char *line;

	shell.jobs = true;
	setfg(0);
	while ((line = line_read(lines_len ? "> " : "$ ", list_processes))) {
		history_add(line);
		if (line_dropped())
			lines_len = 0;
		else
			run_line("", line, false);
		sh_reap(&shell);
	}
}

// Reads file 0 byte by byte, because what stands behind a line is input for the
// commands in that line.
static void
run_stdin(void)
{
	char *line = NULL;
	size_t n = 0, size = 0;
	char c = 0;

	do {
		bool end = read(0, &c, 1) != 1;

		if (n + 1 >= size) {
			size = 2 * size + 128;
			line = realloc(line, size);
			if (!line)
				err(1, "reading commands");
		}
		if (end || c == '\n') {
			line[n] = 0;
			run_line("", line, end);
			n = 0;
			if (end)
				break;
		} else {
			line[n++] = c;
		}
	} while (true);
	free(line);
}

// Reads the whole file, and adds a final 0.
static char *
read_all(const char *path)
{
	int fd = open(path, O_RDONLY), n = 0, got;
	struct stat st;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(127, "%s", path);
	if (st.type == T_DIR) {
		errno = EISDIR;
		err(126, "%s", path);
	}
	text = malloc(st.size + 1);
	if (!text)
		err(126, "%s", path);
	while (n < (int)st.size && (got = read(fd, text + n, st.size - n)) > 0)
		n += got;
	close(fd);
	text[n] = 0;
	return text;
}

static void
run_script(const char *path)
{
	char *text = read_all(path), *line = text;
	char where[64];

	for (int number = 1; line; number++) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = 0;
		snprintf(where, sizeof(where), "%s:%d: ", path, number);
		run_line(where, line, !end);
		if (shell.interrupted)
			break;
		line = end;
	}
	free(text);
}

int
main(int argc, char *argv[])
{
	progname = "sh";
	sh_import(&shell);
	shell.argc = 1;
	shell.argv = argv;
	if (argc > 1 && strcmp(argv[1], "-c") == 0) {
		if (argc < 3)
			usage("[-c TEXT | FILE] [ARG...]");
		if (argc > 3) { // else $0 stays "sh"
			shell.argc = argc - 3;
			shell.argv = argv + 3;
		}
		sh_run_text(&shell, "", argv[2], true);
	} else if (argc > 1) {
		shell.argc = argc - 1;
		shell.argv = argv + 1;
		run_script(argv[1]);
	} else if (isatty(0)) {
		run_console();
	} else {
		run_stdin();
	}
	return shell.status;
}
