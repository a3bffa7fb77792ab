// The shell's language: from a line of text to a tree of commands. The parser
// makes no system calls, so that it can be tested on the host.
//
//	list     = andor  { (";" | "&") andor }
//	andor    = pipeline { ("&&" | "||") pipeline }
//	pipeline = command { "|" command }
//	command  = { word | redirection }  |  "(" list ")" { redirection }
//	redirection = [digit] ("<" | ">" | ">>") word
//
// Words: blanks separate; 'as it is', "with $ and \ alive", \c is c. A # where
// a word could begin starts a comment. A newline is a semicolon.
#pragma once
#include "lib/types.h"

// In a word's text, a parameter ($?, $#, $$, $*, $0..$9) is this byte and the
// character; it gets its value when the command runs.
#define SH_PARAM '\001'

struct sh_word {
	struct sh_word *next;
	char *text;
};

struct sh_redir {
	struct sh_redir *next;
	int fd;          // what is redirected
	int flags;       // open's
	char *path;
};

// Every tree has the levels list, andor, pipeline and command, also where a
// level has only one child. A SUB is a list in parentheses.
enum sh_kind { SH_LIST, SH_ANDOR, SH_PIPELINE, SH_COMMAND, SH_SUB };

struct sh_node {
	enum sh_kind kind;
	struct sh_node *next;  // the parent's next child
	struct sh_node *first; // children (none for a command)
	bool background;       // child of a list: "&" follows
	bool if_failed;        // child of an andor: "||" precedes, else "&&"
	struct sh_word *words;
	struct sh_redir *redirs;
	int pid;               // the executor's
};

// Enough memory for any line of n bytes.
#define SH_MEMORY(n) (((n) + 8) * 4 * sizeof(struct sh_node))

enum { SH_DEPTH_MAX = 100 }; // parentheses in parentheses

// Parses text into a tree in mem, which is aligned for pointers. An empty line
// is an empty list. Returns NULL, and a message in *error, for a wrong line.
struct sh_node *sh_parse(const char *text, void *mem, size_t size,
			 const char **error);
