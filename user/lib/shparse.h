// The shell's language: from a text to a tree of commands. The parser makes no
// system calls, so that it can be tested on the host. Tokens: user/lib/shlex.h.
//
//	list     = andor  { (";" | "&") andor }
//	andor    = pipeline { ("&&" | "||") pipeline }
//	pipeline = ["!"] command { "|" command }
//	command  = { word | redirection }
//	         | "(" list ")" { redirection }
//	         | "if" list "then" list { "elif" list "then" list }
//	           ["else" list] "fi" { redirection }
//	         | ("while" | "until") list "do" list "done"
//	           { redirection }
//	         | "for" name ["in" { word }] ";" "do" list "done"
//	           { redirection }
//	redirection = [digit] ("<" | ">" | ">>" | "<<") word
//	            | [digit] ">&" digit
#pragma once
#include "lib/types.h"
#include "user/lib/shlex.h"

struct sh_word {
	struct sh_word *next;
	char *text;
};

// Every tree has the levels list, andor, pipeline and command, also where a
// level has only one child. A SUB is a list in parentheses. An IF has the lists
// condition, then, condition, then ..., and perhaps one for else. A WHILE has
// its condition and its body; a FOR its body, and in `words` the name and what
// it runs over.
enum sh_kind { SH_LIST, SH_ANDOR, SH_PIPELINE, SH_COMMAND, SH_SUB, SH_IF,
	       SH_WHILE, SH_FOR };

struct sh_node {
	enum sh_kind kind;
	struct sh_node *next;  // the parent's next child
	struct sh_node *first; // children (none for a command)
	bool background;       // child of a list: "&" follows
	bool if_failed;        // child of an andor: "||" precedes, else "&&"
	bool negated; // a pipeline behind "!", a while that is an until,
		// a for without "in"
	struct sh_word *words;
	struct sh_redir *redirs;
	int pid;               // the executor's
};

// Enough memory for any text of n bytes.
#define SH_MEMORY(n) (((n) + 8) * 4 * sizeof(struct sh_node))

enum { SH_DEPTH_MAX = 100 }; // commands in commands

// Parses text into a tree in mem, which is aligned for pointers. An empty text
// is an empty list. Returns NULL for a wrong text, and a message in *error:
// sh_more if more lines may mend it.
struct sh_node *sh_parse(const char *text, void *mem, size_t size,
			 const char **error);
