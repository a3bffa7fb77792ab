// The shell's parser: a function for each rule of the grammar
// (user/lib/shparse.h), one token ahead.
//
// The parts of the tree are cut off the front of the caller's memory. No part
// is freed: the caller frees the whole memory. After the first error every
// function returns NULL, up to sh_parse.
#include "user/lib/shparse.h"
#include "abi/fcntl.h"
#include "lib/string.h"

struct parser {
	struct sh_lexer l;
	int depth;
};

// Words that end a list, as bits.
enum { K_THEN = 1, K_ELIF = 2, K_ELSE = 4, K_FI = 8, K_DO = 16, K_DONE = 32,
       K_CLOSE = 64, K_END = 128 };

static const struct {
	const char *text;
	int bit;
} closers[] = {
	{ "then", K_THEN }, { "elif", K_ELIF }, { "else", K_ELSE },
	{ "fi", K_FI },	    { "do", K_DO },	{ "done", K_DONE },
};

static struct sh_node *parse_list(struct parser *p, int stop);

static struct sh_node *
new_node(struct parser *p, enum sh_kind kind)
{
	struct sh_node *n = sh_memory(&p->l, sizeof(*n));

	if (n)
		n->kind = kind;
	return n;
}

// Is the token this word, where a command could begin?
static bool
at_word(const struct parser *p, const char *word)
{
	return p->l.tok == TOK_WORD && p->l.plain &&
	       strcmp(p->l.text, word) == 0;
}

// The bit of the token, if it can end a list; else 0.
static int
closer(const struct parser *p)
{
	if (p->l.tok == TOK_CLOSE)
		return K_CLOSE;
	if (p->l.tok == TOK_END)
		return K_END;
	for (uint i = 0; i < countof(closers); i++)
		if (at_word(p, closers[i].text))
			return closers[i].bit;
	return 0;
}

// ---- Redirections and words -------------------------------------------------

static bool
at_redir(const struct parser *p)
{
	return p->l.tok >= TOK_IN && p->l.tok <= TOK_DUP;
}

static int
redir_flags(const struct parser *p)
{
	switch (p->l.tok) {
	case TOK_IN:   return O_RDONLY;
	case TOK_HERE: return SH_HERE;
	case TOK_DUP:  return SH_DUP;
	case TOK_OUT:  return O_WRONLY | O_CREATE | O_TRUNC;
	default:       return O_WRONLY | O_CREATE | O_APPEND;
	}
}

// A document's end is compared with lines: its word without marks.
static void
here_word(struct parser *p, struct sh_redir *r)
{
	char *to = r->path;

	for (const char *s = r->path; *s != 0; s++)
		if ((unsigned char)*s >= SH_MARKS)
			*to++ = *s;
	*to = 0;
	if (!p->l.plain)
		r->flags = SH_HERE_RAW;
	*p->l.here_end = r;
	p->l.here_end = &r->here;
}

// At a redirection: parses it and the word behind it.
static bool
parse_redir(struct parser *p, struct sh_redir ***end)
{
	struct sh_redir *r = sh_memory(&p->l, sizeof(*r));

	if (!r)
		return false;
	r->flags = redir_flags(p);
	r->fd = p->l.fd >= 0			     ? p->l.fd
		: p->l.tok == TOK_IN || p->l.tok == TOK_HERE ? 0
							     : 1;
	sh_next(&p->l);
	if (p->l.tok != TOK_WORD) {
		sh_fail(&p->l, "a file name is missing behind < or >");
		return false;
	}
	r->path = p->l.text;
	if (r->flags == SH_DUP &&
	    (r->path[0] < '0' || r->path[0] > '9' || r->path[1] != 0)) {
		sh_fail(&p->l, "behind >& a digit is wanted");
		return false;
	}
	r->from = r->path[0] - '0';
	if (r->flags == SH_HERE)
		here_word(p, r);
	**end = r;
	*end = &r->next;
	sh_next(&p->l);
	return true;
}

static bool
parse_word(struct parser *p, struct sh_word ***end)
{
	struct sh_word *w = sh_memory(&p->l, sizeof(*w));

	if (!w)
		return false;
	w->text = p->l.text;
	**end = w;
	*end = &w->next;
	sh_next(&p->l);
	return true;
}

// ---- Compound commands ------------------------------------------------------

// The list up to one of the words in `stop`, which must not be empty, as the
// next child.
static bool
child_list(struct parser *p, int stop, struct sh_node ***end)
{
	struct sh_node *n;

	sh_next(&p->l);
	n = parse_list(p, stop);
	if (!n)
		return false;
	if (!n->first) {
		sh_fail(&p->l, stop == K_CLOSE ? "nothing between ( and )"
					       : "a command is missing");
		return false;
	}
	**end = n;
	*end = &n->next;
	return true;
}

static struct sh_node *
parse_if(struct parser *p)
{
	struct sh_node *n = new_node(p, SH_IF), **end;

	if (!n)
		return NULL;
	end = &n->first;
	do
		if (!child_list(p, K_THEN, &end) ||
		    !child_list(p, K_ELIF | K_ELSE | K_FI, &end))
			return NULL;
	while (closer(p) == K_ELIF);
	if (closer(p) == K_ELSE && !child_list(p, K_FI, &end))
		return NULL;
	return n;
}

static struct sh_node *
parse_while(struct parser *p)
{
	struct sh_node *n = new_node(p, SH_WHILE), **end;

	if (!n)
		return NULL;
	n->negated = at_word(p, "until");
	end = &n->first;
	return child_list(p, K_DO, &end) && child_list(p, K_DONE, &end) ? n
									: NULL;
}

// for NAME [in WORD...] ; do
static struct sh_node *
parse_for(struct parser *p)
{
	struct sh_node *n = new_node(p, SH_FOR), **end;
	struct sh_word **words;

	if (!n)
		return NULL;
	end = &n->first;
	words = &n->words;
	sh_next(&p->l);
	if (p->l.tok != TOK_WORD || !p->l.plain)
		return sh_fail(&p->l, "a name is missing behind for");
	if (!parse_word(p, &words))
		return NULL;
	n->negated = !at_word(p, "in");
	if (!n->negated)
		sh_next(&p->l);
	while (!n->negated && p->l.tok == TOK_WORD)
		if (!parse_word(p, &words))
			return NULL;
	while (p->l.tok == TOK_SEMI)
		sh_next(&p->l);
	if (closer(p) != K_DO)
		return sh_fail(&p->l,
			       closer(p) == K_END ? sh_more : "do is missing");
	return child_list(p, K_DONE, &end) ? n : NULL;
}

static struct sh_node *
parse_sub(struct parser *p)
{
	struct sh_node *n = new_node(p, SH_SUB), **end;

	if (!n)
		return NULL;
	end = &n->first;
	return child_list(p, K_CLOSE, &end) ? n : NULL;
}

// The compound command at the token, up to the token behind it. NULL without an
// error: there is none.
static struct sh_node *
parse_compound(struct parser *p)
{
	struct sh_node *(*rule)(struct parser * p) =
		p->l.tok == TOK_OPEN ? parse_sub
		: at_word(p, "if")   ? parse_if
		: at_word(p, "for")  ? parse_for
		: at_word(p, "while") || at_word(p, "until") ? parse_while
							     : NULL;
	struct sh_node *n;

	if (!rule)
		return NULL;
	if (++p->depth > SH_DEPTH_MAX)
		return sh_fail(&p->l, "too many commands in commands");
	n = rule(p);
	p->depth--;
	if (n)
		sh_next(&p->l);
	return n;
}

// ---- Commands, pipelines, lists ---------------------------------------------

static struct sh_node *
parse_command(struct parser *p)
{
	struct sh_node *n = parse_compound(p);
	bool compound = n;
	struct sh_word **words;
	struct sh_redir **redirs;

	if (!n && !p->l.error)
		n = new_node(p, SH_COMMAND);
	if (!n)
		return NULL;
	words = &n->words;
	redirs = &n->redirs;
	while (at_redir(p) || (p->l.tok == TOK_WORD && !compound))
		if (at_redir(p) ? !parse_redir(p, &redirs)
				: !parse_word(p, &words))
			return NULL;
	if (!n->words && !n->redirs && !compound)
		return sh_fail(&p->l,
			       p->l.tok == TOK_END
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
	while (at_word(p, "!")) {
		n->negated = !n->negated;
		sh_next(&p->l);
	}
	for (end = &n->first;; end = &(*end)->next) {
		*end = parse_command(p);
		if (!*end)
			return NULL;
		if (p->l.tok != TOK_PIPE)
			return n;
		sh_next(&p->l);
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
		if (p->l.tok != TOK_AND && p->l.tok != TOK_OR)
			return n;
		if_failed = p->l.tok == TOK_OR;
		sh_next(&p->l);
	}
}

static struct sh_node *
wrong_end(struct parser *p, int found)
{
	return sh_fail(&p->l, found == K_END	 ? sh_more
			      : found == K_CLOSE ? "a ) without its ("
						 : "then, else, fi, do or done "
						   "stands alone");
}

// Skips empty commands, such as those between two newlines.
static struct sh_node *
parse_list(struct parser *p, int stop)
{
	struct sh_node *n = new_node(p, SH_LIST), **end;
	int found;

	if (!n)
		return NULL;
	for (end = &n->first;; end = &(*end)->next) {
		while (p->l.tok == TOK_SEMI)
			sh_next(&p->l);
		found = closer(p);
		if (found & stop)
			return n;
		if (found)
			return wrong_end(p, found);
		*end = parse_andor(p);
		if (!*end)
			return NULL;
		(*end)->background = p->l.tok == TOK_BG;
		if (p->l.tok == TOK_SEMI || p->l.tok == TOK_BG)
			sh_next(&p->l);
		else if (p->l.tok == TOK_OPEN ||
			 (p->l.tok == TOK_WORD && !(closer(p) & stop)))
			return sh_fail(&p->l, "an operator is missing before ( "
					      "or behind )");
	}
}

struct sh_node *
sh_parse(const char *text, void *mem, size_t size, const char **error)
{
	struct parser p = { .l = { .s = text, .mem = mem } };
	struct sh_node *n;

	p.l.mem_end = p.l.mem + (size & ~(sizeof(void *) - 1));
	p.l.here_end = &p.l.here;
	sh_next(&p.l);
	n = parse_list(&p, K_END);
	*error = p.l.error;
	return !p.l.error ? n : NULL;
}
