// The shell's tokens and words: from characters to what the grammar is made of.
// Pure, tested on the host.
//
// Words: blanks separate; 'as it is', "with $ and \ alive", \c is c. A # where
// a word could begin starts a comment. A newline is a semicolon.
//
// In a word's text these bytes are marks, which get their meaning when the
// command runs (user/lib/shwords.c):
//
//	PARAM c       $c, of $? $# $$ $* $@ $0..$9
//	VAR name VAR  $name, ${name}
//	CMD text CMD  $(text)
//	SUM text SUM  $((text))
//	LITERAL c     c was quoted: no pattern's * or ? or [
//	QUOTED        up to the next QUOTED all stood in quotes: values are not
//	              split there, and the word exists even if it is empty
#pragma once
#include "lib/types.h"

#define SH_PARAM   '\001'
#define SH_VAR     '\002'
#define SH_CMD     '\003'
#define SH_SUM     '\004'
#define SH_LITERAL '\005'
#define SH_QUOTED  '\006'
#define SH_MARKS   7 // bytes below it are marks

enum sh_token {
	TOK_END,
	TOK_WORD,
	TOK_IN,
	TOK_HERE,
	TOK_OUT,
	TOK_APPEND,
	TOK_DUP,
	TOK_PIPE,
	TOK_AND,
	TOK_OR,
	TOK_BG,
	TOK_SEMI,
	TOK_OPEN,
	TOK_CLOSE,
	TOK_ERROR,
};

// Flags of a redirection beside open's.
#define SH_HERE     (-1) // path is the text
#define SH_HERE_RAW (-2) // the same, and its word was quoted
#define SH_DUP      (-3) // the file becomes the same as file `from`

struct sh_redir {
	struct sh_redir *next;
	struct sh_redir *here; // the next document of the same line
	int fd;                // what is redirected
	int flags;             // open's, or one of the above
	int from;
	char *path;
};

struct sh_lexer {
	const char *s;       // behind the current token
	enum sh_token tok;
	char *text;          // of a TOK_WORD
	bool plain;          // no part of this word was quoted or a value
	int fd;              // of a redirection, -1: none was given
	char *mem, *mem_end; // what words and the tree are cut from
	const char *error;   // the first one, or NULL
	struct sh_redir *here, **here_end; // documents whose text is to come
};

// The error of a text that is not complete: more lines may make it so.
extern const char sh_more[];

// Notes the error and makes a token that no rule accepts. NULL.
void *sh_fail(struct sh_lexer *l, const char *error);
// n zeroed bytes, or NULL and an error.
void *sh_memory(struct sh_lexer *l, size_t n);
// Moves to the next token.
void sh_next(struct sh_lexer *l);
