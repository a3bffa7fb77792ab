// The shell's parser: a tokenizer that looks one token ahead, and a function
// for each rule of the grammar (user/lib/shparse.h).
//
// The parts of the tree are cut off the front of the caller's memory. No part
// is freed: the caller frees the whole memory. After the first error every
// function returns NULL, up to sh_parse.
#include "user/lib/shparse.h"
#include "abi/fcntl.h"
#include "lib/string.h"

enum token {
	TOK_END,
	TOK_WORD,
	TOK_IN,
	TOK_OUT,
	TOK_APPEND,
	TOK_PIPE,
	TOK_AND,
	TOK_OR,
	TOK_BG,
	TOK_SEMI,
	TOK_OPEN,
	TOK_CLOSE,
	TOK_ERROR,
};

#define ALIGNED(n) (((n) + sizeof(void *) - 1) & ~(sizeof(void *) - 1))

struct parser {
	const char *s;    // behind the current token
	enum token tok;
	char *text;       // of a TOK_WORD
	int fd;           // of a redirection
	int depth;
	char *mem, *mem_end;
	const char *error;
};

// Longer operators first.
static const struct {
	const char *text;
	enum token tok;
} operators[] = {
	{">>", TOK_APPEND}, {"&&", TOK_AND},  {"||", TOK_OR},	{"<", TOK_IN},
	{">", TOK_OUT},	    {"|", TOK_PIPE},  {"&", TOK_BG},	{";", TOK_SEMI},
	{"(", TOK_OPEN},    {")", TOK_CLOSE}, {"\n", TOK_SEMI},
};

static struct sh_node *parse_list(struct parser *p, enum token end);

static void *
fail(struct parser *p, const char *error)
{
	if (!p->error)
		p->error = error;
	p->tok = TOK_ERROR;
	return NULL;
}

static void *
get_mem(struct parser *p, size_t n)
{
	void *mem = p->mem;

	n = ALIGNED(n);
	if (n > (size_t)(p->mem_end - p->mem))
		return fail(p, "line too long");
	p->mem += n;
	return memset(mem, 0, n);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

// Does c end an unquoted word?
static bool
ends_word(char c)
{
	return c == 0 || is_blank(c) || strchr("<>|&;()\n", c);
}

// At a '$': copies a parameter's mark, or the '$' if no parameter follows.
static const char *
copy_param(const char *s, char **to)
{
	if (s[1] != 0 && strchr("?#$*0123456789", s[1])) {
		*(*to)++ = SH_PARAM;
		*(*to)++ = s[1];
		return s + 2;
	}
	*(*to)++ = *s;
	return s + 1;
}

// Copies the text between quotes; s is behind the first quote. Returns what
// follows the second quote, or NULL if there is no second quote.
static const char *
copy_quoted(const char *s, char quote, char **to)
{
	while (*s != quote) {
		if (*s == 0)
			return NULL;
		if (quote == '"' && *s == '$') {
			s = copy_param(s, to);
			continue;
		}
		if (quote == '"' && *s == '\\' && s[1] != 0 &&
		    strchr("\"\\$", s[1]))
			s++;
		*(*to)++ = *s++;
	}
	return s + 1;
}

// Copies a word without its quotes. The copy is never longer than the word.
static const char *
copy_word(const char *s, char **to)
{
	while (s && !ends_word(*s)) {
		if (*s == '\'' || *s == '"') {
			s = copy_quoted(s + 1, *s, to);
		} else if (*s == '$') {
			s = copy_param(s, to);
		} else {
			if (*s == '\\' && s[1] != 0)
				s++;
			*(*to)++ = *s++;
		}
	}
	**to = 0;
	return s;
}

// A word is never longer than the rest of the line: that much memory is enough.
static void
next_word(struct parser *p)
{
	const char *end;
	char *to = p->mem;

	if (strlen(p->s) + 1 > (size_t)(p->mem_end - p->mem)) {
		fail(p, "line too long");
		return;
	}
	end = copy_word(p->s, &to);
	if (!end) {
		fail(p, "a quote is not closed");
		return;
	}
	p->text = p->mem;
	p->mem += ALIGNED(to + 1 - p->mem);
	p->s = end;
	p->tok = TOK_WORD;
}

static bool
next_operator(struct parser *p)
{
	const char *s = p->s;

	p->fd = -1;
	if (*s >= '0' && *s <= '9' && (s[1] == '<' || s[1] == '>'))
		p->fd = *s++ - '0';
	for (uint i = 0; i < countof(operators); i++) {
		size_t n = strlen(operators[i].text);

		if (strncmp(s, operators[i].text, n) == 0) {
			p->s = s + n;
			p->tok = operators[i].tok;
			return true;
		}
	}
	return false;
}

// Moves to the next token. After an error the token is one that no rule
// accepts.
static void
next(struct parser *p)
{
	if (p->tok == TOK_ERROR)
		return;
	while (is_blank(*p->s))
		p->s++;
	if (*p->s == '#')
		while (*p->s != 0 && *p->s != '\n')
			p->s++;
	if (*p->s == 0)
		p->tok = TOK_END;
	else if (!next_operator(p))
		next_word(p);
}

static struct sh_node *
new_node(struct parser *p, enum sh_kind kind)
{
	struct sh_node *n = get_mem(p, sizeof(*n));

	if (n)
		n->kind = kind;
	return n;
}

// At a redirection: parses it and the word behind it.
static bool
parse_redir(struct parser *p, struct sh_redir ***end)
{
	struct sh_redir *r = get_mem(p, sizeof(*r));

	if (!r)
		return false;
	r->fd = p->fd >= 0 ? p->fd : p->tok == TOK_IN ? 0 : 1;
	r->flags = p->tok == TOK_IN	? O_RDONLY
		   : p->tok == TOK_OUT ? O_WRONLY | O_CREATE | O_TRUNC
				       : O_WRONLY | O_CREATE | O_APPEND;
	next(p);
	if (p->tok != TOK_WORD) {
		fail(p, "a file name is missing behind < or >");
		return false;
	}
	r->path = p->text;
	**end = r;
	*end = &r->next;
	next(p);
	return true;
}

static bool
parse_word(struct parser *p, struct sh_word ***end)
{
	struct sh_word *w = get_mem(p, sizeof(*w));

	if (!w)
		return false;
	w->text = p->text;
	**end = w;
	*end = &w->next;
	next(p);
	return true;
}

static bool
at_redir(const struct parser *p)
{
	return p->tok == TOK_IN || p->tok == TOK_OUT || p->tok == TOK_APPEND;
}

static struct sh_node *
parse_sub(struct parser *p)
{
	struct sh_node *n = new_node(p, SH_SUB);

	if (!n)
		return NULL;
	if (++p->depth > SH_DEPTH_MAX)
		return fail(p, "too many parentheses");
	next(p);
	n->first = parse_list(p, TOK_CLOSE);
	if (!n->first)
		return NULL;
	if (!n->first->first)
		return fail(p, "nothing between ( and )");
	p->depth--;
	next(p);
	return n;
}

static struct sh_node *
parse_command(struct parser *p)
{
	bool sub = p->tok == TOK_OPEN;
	struct sh_node *n = sub ? parse_sub(p) : new_node(p, SH_COMMAND);
	struct sh_word **words;
	struct sh_redir **redirs;

	if (!n)
		return NULL;
	words = &n->words;
	redirs = &n->redirs;
	while (at_redir(p) || (p->tok == TOK_WORD && !sub))
		if (at_redir(p) ? !parse_redir(p, &redirs)
				: !parse_word(p, &words))
			return NULL;
	if (!n->words && !n->redirs && !sub)
		return fail(p, p->tok == TOK_END
				       ? "a command is missing at the end"
				       : "a command is missing");
	return n;
}

static struct sh_node *
parse_pipeline(struct parser *p)
{
	struct sh_node *n = new_node(p, SH_PIPELINE), **end;

	if (!n)
		return NULL;
	for (end = &n->first;; end = &(*end)->next) {
		*end = parse_command(p);
		if (!*end)
			return NULL;
		if (p->tok != TOK_PIPE)
			return n;
		next(p);
	}
}

static struct sh_node *
parse_andor(struct parser *p)
{
	struct sh_node *n = new_node(p, SH_ANDOR), **end;
	bool if_failed = false;

	if (!n)
		return NULL;
	for (end = &n->first;; end = &(*end)->next) {
		*end = parse_pipeline(p);
		if (!*end)
			return NULL;
		(*end)->if_failed = if_failed;
		if (p->tok != TOK_AND && p->tok != TOK_OR)
			return n;
		if_failed = p->tok == TOK_OR;
		next(p);
	}
}

// Skips empty commands, such as those between two newlines.
static struct sh_node *
parse_list(struct parser *p, enum token stop)
{
	struct sh_node *n = new_node(p, SH_LIST), **end;

	if (!n)
		return NULL;
	for (end = &n->first;; end = &(*end)->next) {
		while (p->tok == TOK_SEMI)
			next(p);
		if (p->tok == stop)
			return n;
		if (p->tok == TOK_CLOSE)
			return fail(p, "a ) without its (");
		if (p->tok == TOK_END)
			return fail(p, "a ( is not closed");
		*end = parse_andor(p);
		if (!*end)
			return NULL;
		(*end)->background = p->tok == TOK_BG;
		if (p->tok == TOK_SEMI || p->tok == TOK_BG)
			next(p);
		else if (p->tok == TOK_WORD || p->tok == TOK_OPEN)
			return fail(p, "an operator is missing before ( or "
				       "behind )");
	}
}

struct sh_node *
sh_parse(const char *text, void *mem, size_t size, const char **error)
{
	struct parser p = { .s = text, .mem = mem };
	struct sh_node *n;

	p.mem_end = p.mem + (size & ~(sizeof(void *) - 1));
	next(&p);
	n = parse_list(&p, TOK_END);
	*error = p.error;
	return !p.error ? n : NULL;
}
