// The shell's executor: runs the trees that user/lib/shparse makes.
#pragma once
#include "user/lib/shparse.h"

struct sh_var;

struct shell {
	bool jobs;        // interactive: each pipeline is a group
	bool interrupted; // Ctrl-C ended the last pipeline: drop the rest
	int background;   // children that run in the background
	int status;       // of the last command: $?
	int loops;        // loops around the running command
	int leave;        // loops to be left by break and continue
	bool again;       // ... and the last of them goes on (continue)
	int watcher;      // whose group all commands of a loop join, or 0
	int argc;         // $0.. of a script
	char **argv;
	struct sh_var *vars;
};

// Runs a list. Leaves the status of its last command in sh->status.
void sh_run(struct shell *sh, struct sh_node *list);
// Parses and runs a text. For a syntax error it prints `where` and a message,
// and sets the status to 2. False: the text is not complete, and nothing has
// run; if `last`, that is an error too.
bool sh_run_text(struct shell *sh, const char *where, const char *text,
		 bool last);
// Collects the background children that have ended.
void sh_reap(struct shell *sh);

// ---- Between the executor's parts -------------------------------------------
// shbuiltin.c: the command that the shell runs itself, or NULL.
struct sh_builtin {
	const char *name;
	int (*run)(struct shell *sh, int argc, char **argv); // its status
};
const struct sh_builtin *sh_builtin(const struct sh_node *c);
// shchild.c: runs a command in this process, which ends with it.
__noreturn void sh_run_child(struct shell *sh, struct sh_node *c);
// Sets the variables that stand before a command. Returns the word behind them.
const struct sh_word *sh_assign(struct shell *sh, const struct sh_node *c);
// Makes file `from` the file `to`; from -1: nothing.
void sh_move_fd(int from, int to);
// shtest.c: the commands test and [.
int sh_test(struct shell *sh, int argc, char **argv);
// shloop.c: starts a process that only waits for Ctrl-C, and makes it the
// foreground group; its pid. Ctrl-C ends the foreground group. The shell must
// live on, so it is never in that group, and it learns of Ctrl-C by the end of
// this process.
int sh_watcher(void);
// An if, a while or a for, in this process.
void sh_run_compound(struct shell *sh, struct sh_node *c);
// shrun.c: what the commands of a text print, in new memory, without newlines
// at the end; the status is theirs. NULL and a message: it could not be run.
char *sh_output(struct shell *sh, const char *text);

// shvars.c: variables. A value stays valid until the variable changes.
const char *sh_get(struct shell *sh, const char *name); // or NULL
void sh_set(struct shell *sh, const char *name, const char *value);
void sh_unset(struct shell *sh, const char *name);
void sh_print_vars(struct shell *sh);
// Programs get the variable from now on. value: NULL is "".
void sh_export(const char *name, const char *value);
// Makes variables of the environment.
void sh_import(struct shell *sh);
// The length of the name if the word is NAME=..., else 0.
int sh_is_assignment(const char *word);

// shwords.c. Without memory these end the process with a message. The process
// is a child of the shell, or the shell itself, which init starts again.
// The word with its values, as one text in new memory: no splitting, no names.
char *sh_expand(struct shell *sh, const char *word);
// The words as an argument vector: values are split at blanks, patterns become
// the names of files.
char **sh_expand_words(struct shell *sh, const struct sh_word *w, int *argc);
void sh_free_words(char **argv);
