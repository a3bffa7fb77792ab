// The shell's executor: runs the trees that user/lib/shparse makes.
#pragma once
#include "user/lib/shparse.h"

struct shell {
	bool jobs;        // interactive: each pipeline is a group
	bool interrupted; // Ctrl-C ended the last pipeline: drop the rest
	int background;   // children that run in the background
	int status;       // of the last command: $?
	int argc;         // $0.. of a script
	char **argv;
};

// Runs a list. Leaves the status of its last command in sh->status.
void sh_run(struct shell *sh, struct sh_node *list);
// Parses and runs a text. For a syntax error it prints `where` and a message,
// and sets the status to 2.
void sh_run_text(struct shell *sh, const char *where, const char *text);
// Collects the background children that have ended.
void sh_reap(struct shell *sh);

// ---- Between the executor's parts -------------------------------------------
// user/lib/shbuiltin.c: the command that the shell runs itself, or NULL.
struct sh_builtin {
	const char *name;
	int (*run)(struct shell *sh, int argc, char **argv); // its status
};
const struct sh_builtin *sh_builtin(const struct sh_node *c);

// user/lib/shwords.c:
// The word with its parameters replaced, in new memory. Without memory it ends
// the process with a message. The process is a child of the shell, or the shell
// itself, which init starts again.
char *sh_expand(struct shell *sh, const char *word);
// The words of a command as an argument vector.
char **sh_expand_words(struct shell *sh, const struct sh_node *c, int *argc);
void sh_free_words(char **argv);
