// The shell's tokenizer (user/lib/shlex.h).
#include "user/lib/shlex.h"
#include "lib/string.h"

#define ALIGNED(n) (((n) + sizeof(void *) - 1) & ~(sizeof(void *) - 1))

const char sh_more[] = "the text ends too early";

// Longer operators first.
static const struct {
	const char *text;
	enum sh_token tok;
} operators[] = {
	{"<<", TOK_HERE}, {">>", TOK_APPEND}, {">&", TOK_DUP}, {"&&", TOK_AND},
	{"||", TOK_OR},	  {"<", TOK_IN},      {">", TOK_OUT},  {"|", TOK_PIPE},
	{"&", TOK_BG},	  {";", TOK_SEMI},    {"(", TOK_OPEN}, {")", TOK_CLOSE},
	{ "\n", TOK_SEMI },
};

void *
sh_fail(struct sh_lexer *l, const char *error)
{
	if (!l->error)
		l->error = error;
	l->tok = TOK_ERROR;
	return NULL;
}

void *
sh_memory(struct sh_lexer *l, size_t n)
{
	void *mem = l->mem;

	n = ALIGNED(n);
	if (n > (size_t)(l->mem_end - l->mem))
		return sh_fail(l, "line too long");
	l->mem += n;
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

static bool
is_name(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (!first && c >= '0' && c <= '9');
}

// ---- Words ------------------------------------------------------------------

// A word under way: it is copied from s to `to`.
struct word {
	const char *s; // NULL: the text ended too early
	char *to;
	bool plain;
};

static void
put_literal(struct word *w, char c)
{
	if ((unsigned char)c < SH_MARKS || strchr("*?[]\\", c))
		*w->to++ = SH_LITERAL;
	*w->to++ = c;
}

// Puts [s, end) between two marks, and goes on behind `skip` more characters.
static void
put_marked(struct word *w, char mark, const char *end, int skip)
{
	*w->to++ = mark;
	while (w->s < end) {
		if ((unsigned char)*w->s >= SH_MARKS)
			*w->to++ = *w->s;
		w->s++;
	}
	*w->to++ = mark;
	w->s += skip;
}

// The end of what stands in parentheses; s is behind the first one. Quotes hide
// parentheses. NULL: there is no end.
static const char *
find_close(const char *s)
{
	int depth = 1;

	for (; *s != 0; s++) {
		if (*s == '\\' && s[1] != 0)
			s++;
		else if (*s == '\'' || *s == '"') {
			s = strchr(s + 1, *s);
			if (!s)
				return NULL;
		} else if (*s == '(') {
			depth++;
		} else if (*s == ')' && --depth == 0) {
			return s;
		}
	}
	return NULL;
}

static void
put_parentheses(struct word *w)
{
	bool sum = w->s[2] == '(';
	const char *end = find_close(w->s + 2);

	if (!end || (sum && end[-1] != ')')) {
		w->s = NULL;
		return;
	}
	w->s += sum ? 3 : 2;
	put_marked(w, sum ? SH_SUM : SH_CMD, sum ? end - 1 : end, sum ? 2 : 1);
}

static void
put_braces(struct word *w)
{
	const char *end = strchr(w->s, '}');

	if (!end) {
		w->s = NULL;
		return;
	}
	w->s += 2;
	put_marked(w, SH_VAR, end, 1);
}

// At a '$': what it stands for, or the '$' itself.
static void
put_value(struct word *w)
{
	const char *end = w->s + 1;

	w->plain = false;
	if (*end == '(') {
		put_parentheses(w);
	} else if (*end == '{') {
		put_braces(w);
	} else if (*end != 0 && strchr("?#$*@0123456789", *end)) {
		*w->to++ = SH_PARAM;
		*w->to++ = *end;
		w->s += 2;
	} else if (is_name(*end, true)) {
		while (is_name(*end, false))
			end++;
		w->s++;
		put_marked(w, SH_VAR, end, 0);
	} else {
		*w->to++ = *w->s++;
	}
}

// Copies up to a '"', or in a document (quote 0) up to `end`.
static void
put_double(struct word *w, char quote, const char *end)
{
	while (w->s && w->s != end && *w->s != quote) {
		if (*w->s == 0) {
			w->s = NULL;
		} else if (*w->s == '$') {
			put_value(w);
		} else {
			if (*w->s == '\\' && w->s[1] != 0 &&
			    strchr("\"\\$", w->s[1]))
				w->s++;
			put_literal(w, *w->s++);
		}
	}
}

static void
put_quoted(struct word *w)
{
	char quote = *w->s++;

	w->plain = false;
	*w->to++ = SH_QUOTED;
	if (quote == '"')
		put_double(w, quote, NULL);
	else
		while (*w->s != 0 && *w->s != quote)
			put_literal(w, *w->s++);
	if (w->s)
		w->s = *w->s ? w->s + 1 : NULL;
	*w->to++ = SH_QUOTED;
}

// Copies a word without its quotes. The copy needs three bytes for one.
static void
put_word(struct word *w)
{
	while (w->s && !ends_word(*w->s)) {
		if (*w->s == '\'' || *w->s == '"') {
			put_quoted(w);
		} else if (*w->s == '$') {
			put_value(w);
		} else if (*w->s == '\\' && w->s[1] != 0) {
			w->plain = false;
			w->s++;
			put_literal(w, *w->s++);
		} else if ((unsigned char)*w->s < SH_MARKS) {
			put_literal(w, *w->s++);
		} else {
			*w->to++ = *w->s++;
		}
	}
	*w->to = 0;
}

// Is there memory for a copy of the rest of the text?
static bool
fits(struct sh_lexer *l)
{
	if (3 * strlen(l->s) + 4 <= (size_t)(l->mem_end - l->mem))
		return true;
	sh_fail(l, "line too long");
	return false;
}

static void
next_word(struct sh_lexer *l)
{
	struct word w = { l->s, l->mem, true };

	if (!fits(l))
		return;
	put_word(&w);
	if (!w.s) {
		sh_fail(l, sh_more);
		return;
	}
	l->text = l->mem;
	l->plain = w.plain;
	l->mem += ALIGNED(w.to + 1 - l->mem);
	l->s = w.s;
	l->tok = TOK_WORD;
}

// ---- Here-documents ---------------------------------------------------------

// The line behind the last one of the document: the one that is its word alone.
static const char *
find_end(const char *s, const char *word, const char **next)
{
	size_t n = strlen(word);

	while (*s != 0) {
		const char *end = strchr(s, '\n');

		if (strncmp(s, word, n) == 0 && (s[n] == '\n' || s[n] == 0)) {
			*next = s + n + (s[n] != 0);
			return s;
		}
		if (!end)
			return NULL;
		s = end + 1;
	}
	return NULL;
}

// Behind the end of a line: reads the documents that were begun in this line.
static void
read_documents(struct sh_lexer *l)
{
	for (struct sh_redir *r = l->here; r; r = r->here) {
		const char *next, *end = find_end(l->s, r->path, &next);
		struct word w = { l->s, l->mem, true };

		if (!end) {
			sh_fail(l, sh_more);
			return;
		}
		if (!fits(l))
			return;
		*w.to++ = SH_QUOTED;
		if (r->flags == SH_HERE)
			put_double(&w, 0, end);
		else
			while (w.s != end)
				put_literal(&w, *w.s++);
		*w.to++ = SH_QUOTED;
		*w.to = 0;
		r->path = l->mem;
		l->mem += ALIGNED(w.to + 1 - l->mem);
		l->s = next;
	}
	l->here = NULL;
	l->here_end = &l->here;
}

// ---- Tokens -----------------------------------------------------------------

static bool
next_operator(struct sh_lexer *l)
{
	const char *s = l->s;

	l->fd = -1;
	if (*s >= '0' && *s <= '9' && (s[1] == '<' || s[1] == '>'))
		l->fd = *s++ - '0';
	for (uint i = 0; i < countof(operators); i++) {
		size_t n = strlen(operators[i].text);

		if (strncmp(s, operators[i].text, n) != 0)
			continue;
		l->s = s + n;
		l->tok = operators[i].tok;
		if (*s == '\n' && l->here)
			read_documents(l);
		return true;
	}
	return false;
}

void
sh_next(struct sh_lexer *l)
{
	if (l->tok == TOK_ERROR)
		return;
	while (is_blank(*l->s) || (*l->s == '\\' && l->s[1] == '\n'))
		l->s += *l->s == '\\' ? 2 : 1;
	if (*l->s == '#')
		while (*l->s != 0 && *l->s != '\n')
			l->s++;
	if (*l->s == 0 && l->here)
		sh_fail(l, sh_more);
	else if (*l->s == 0)
		l->tok = TOK_END;
	else if (!next_operator(l))
		next_word(l);
}
