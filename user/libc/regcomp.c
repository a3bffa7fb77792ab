// regcomp: a recursive descent over the pattern. Jumps are distances, so that
// a piece of code can be moved and copied.
//
//	alternatives = branch { "|" branch }
//	branch       = { item { "*" | "+" | "?" | "{m,n}" } }
//	item         = "(" alternatives ")" | "[set]" | "." | "^" | "$"
//	             | "\1".."\9" | character
//
// In a basic expression ( ) { } have a backslash, and + ? | too.
#include "regex.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum token { T_END, T_OPEN, T_CLOSE, T_BAR, T_REPEAT, T_BRACE, T_ANY, T_SET,
	     T_BEGIN, T_LAST, T_BACK, T_CHAR };

struct parser {
	const char *p;
	struct libc_regex *r;
	bool extended;
	int first;      // 2: at the beginning of a branch, 1: behind its ^
	int error;
	int groups, depth,
		closed; // closed: a bit for each group that has ended
	int c;          // of the last token
	int length;     // of the last token, in the pattern
};

#define DEPTH_MAX  200
#define REPEAT_MAX 255

// ---- Code -------------------------------------------------------------------

static void
fail(struct parser *s, int error)
{
	if (!s->error)
		s->error = error;
}

static void
emit(struct parser *s, enum op op, int x, int y)
{
	struct libc_regex *r = s->r;
	struct instruction *more;

	if (r->n == CODE_MAX)
		fail(s, REG_ESPACE);
	if (s->error)
		return;
	if (r->n == r->size) {
		more = realloc(r->code, (2 * r->size + 16) * sizeof(*more));
		if (!more) {
			fail(s, REG_ESPACE);
			return;
		}
		r->code = more;
		r->size = 2 * r->size + 16;
	}
	r->code[r->n++] = (struct instruction){ op, x, y };
}

static void
emit_block(struct parser *s, const struct instruction *block, int n)
{
	for (int i = 0; i < n; i++)
		emit(s, block[i].op, block[i].x, block[i].y);
}

// The block any number of times: only as long as it moves on.
static void
emit_loop(struct parser *s, const struct instruction *block, int n)
{
	int mark = 2 * GROUPS + s->r->marks;

	if (s->r->marks == MARKS) {
		fail(s, REG_ESPACE);
		return;
	}
	s->r->marks++;
	emit(s, SPLIT, 1, n + 4);
	emit(s, SAVE, mark, 0);
	emit_block(s, block, n);
	emit(s, CHECK, mark, 0);
	emit(s, JUMP, -n - 3, 0);
}

// The code from `start` on is to match min to max times; max -1: no limit.
static void
repeat(struct parser *s, int start, int min, int max)
{
	int n = s->r->n - start;
	struct instruction *block = malloc((n + 1) * sizeof(*block));

	if (!block)
		fail(s, REG_ESPACE);
	if (s->error) {
		free(block);
		return;
	}
	memcpy(block, s->r->code + start, n * sizeof(*block));
	s->r->n = start;
	for (int i = 0; i < min; i++)
		emit_block(s, block, n);
	if (max < 0)
		emit_loop(s, block, n);
	for (int i = min; i < max; i++) {
		emit(s, SPLIT, 1, (max - i) * (n + 1));
		emit_block(s, block, n);
	}
	free(block);
}

// Makes room for an instruction at `start`.
static void
insert(struct parser *s, int start, enum op op, int x, int y)
{
	struct libc_regex *r = s->r;

	emit(s, op, x, y);
	if (s->error)
		return;
	memmove(r->code + start + 1, r->code + start,
		(r->n - 1 - start) * sizeof(r->code[0]));
	r->code[start] = (struct instruction){ op, x, y };
}

// ---- Tokens -----------------------------------------------------------------

static enum token
operator(struct parser *s, char c) {
	s->c = c; switch (c){
		case '(' : return T_OPEN;
		case ')' : return s->extended && s->depth == 0 ? T_CHAR
							       : T_CLOSE;
		case '|' : return T_BAR;
		case '{' : return T_BRACE;
		case '+' : case '?' : return T_REPEAT;
		default : return T_CHAR;
	}
}

static enum token
escaped(struct parser *s)
{
	char c = s->p[1];

	s->length = c ? 2 : 1;
	s->c = c;
	if (!c)
		fail(s, REG_EESCAPE);
	if (c >= '1' && c <= '9')
		return T_BACK;
	// A + or ? with nothing before it is a character.
	return s->extended || (s->first && strchr("+?", c)) ? T_CHAR :
							    operator(s, c);
}

// Is a $ here the end, in a basic expression?
static bool
is_last(const char *p)
{
	return !p[1] || strncmp(p + 1, "\\)", 2) == 0 ||
	       strncmp(p + 1, "\\|", 2) == 0;
}

static enum token
look(struct parser *s)
{
	char c = *s->p;

	s->length = 1;
	s->c = c;
	switch (c) {
	case 0:    return T_END;
	case '\\': return escaped(s);
	case '.':  return T_ANY;
	case '[':  return T_SET;
	case '*':  return s->first && !s->extended ? T_CHAR : T_REPEAT;
	case '^':  return s->first == 2 || s->extended ? T_BEGIN : T_CHAR;
	case '$':  return s->extended || is_last(s->p) ? T_LAST : T_CHAR;
	}
	if (!s->extended || (c == '{' && !isdigit((unsigned char)s->p[1])))
		return T_CHAR;
	return operator(s, c);
}

// ---- The grammar ------------------------------------------------------------

static void alternatives(struct parser *s);

static void
parse_set(struct parser *s)
{
	struct libc_regex *r = s->r;
	set_t *more = realloc(r->sets, (r->nsets + 1) * sizeof(*more));
	const char *end;
	int error;

	if (!more) {
		fail(s, REG_ESPACE);
		return;
	}
	r->sets = more;
	memset(r->sets[r->nsets], 0, sizeof(set_t));
	end = libc_read_set(s->p + 1, r->sets[r->nsets], r->newline, &error);
	if (error)
		fail(s, error);
	else
		s->p = end;
	emit(s, SET, r->nsets++, 0);
}

static void
group(struct parser *s)
{
	int number = ++s->groups;

	if (number >= GROUPS || s->depth == DEPTH_MAX) {
		fail(s, REG_ESPACE);
		return;
	}
	s->depth++;
	emit(s, SAVE, 2 * number, 0);
	alternatives(s);
	if (!s->error && look(s) != T_CLOSE)
		fail(s, REG_EPAREN);
	s->depth--;
	s->p += s->error ? 0 : s->length;
	s->closed |= 1 << number;
	emit(s, SAVE, 2 * number + 1, 0);
}

static void
item(struct parser *s, enum token t)
{
	if (t == T_SET) {
		parse_set(s);
		return;
	}
	s->p += s->length;
	switch (t) {
	case T_OPEN:  group(s); break;
	case T_ANY:   emit(s, ANY, 0, 0); break;
	case T_BEGIN: emit(s, BEGIN, 0, 0); break;
	case T_LAST:  emit(s, END, 0, 0); break;
	case T_BACK:
		if (!(s->closed & 1 << (s->c - '0')))
			fail(s, REG_ESUBREG);
		s->r->back = true;
		emit(s, BACK, s->c - '0', 0);
		break;
	case T_CHAR: emit(s, CHAR, (unsigned char)s->c, 0); break;
	default: fail(s, REG_BADRPT); // a * or { with nothing before it
	}
}

static int
number(struct parser *s)
{
	int n = -1;

	for (; isdigit((unsigned char)*s->p) && n <= REPEAT_MAX; s->p++)
		n = (n < 0 ? 0 : n * 10) + *s->p - '0';
	return n;
}

// {m}, {m,} or {m,n}, behind its first brace.
static void
bounds(struct parser *s, int start)
{
	int min = number(s), max = min;

	if (*s->p == ',') {
		s->p++;
		max = number(s);
	}
	if (min < 0 || min > REPEAT_MAX || max > REPEAT_MAX ||
	    (max >= 0 && max < min))
		fail(s, REG_BADBR);
	if (strncmp(s->p, s->extended ? "}" : "\\}", s->extended ? 1 : 2) != 0)
		fail(s, REG_EBRACE);
	if (s->error)
		return;
	s->p += s->extended ? 1 : 2;
	repeat(s, start, min, max);
}

static void
branch(struct parser *s)
{
	enum token t;
	int start;

	s->first = 2;
	while (!s->error && (t = look(s)) != T_END && t != T_CLOSE &&
	       t != T_BAR) {
		start = s->r->n;
		item(s, t);
		s->first = t == T_BEGIN;
		while (!s->error &&
		       ((t = look(s)) == T_REPEAT || t == T_BRACE)) {
			s->p += s->length;
			if (t == T_BRACE)
				bounds(s, start);
			else
				repeat(s, start, s->c == '+',
				       s->c == '?' ? 1 : -1);
		}
	}
}

static void
alternatives(struct parser *s)
{
	int start = s->r->n, jump;

	branch(s);
	while (!s->error && look(s) == T_BAR) {
		s->p += s->length;
		insert(s, start, SPLIT, 1, s->r->n - start + 2);
		jump = s->r->n;
		emit(s, JUMP, 0, 0);
		start = s->r->n;
		branch(s);
		if (s->error)
			return;
		// A later | inserts one instruction more behind this jump.
		s->r->code[jump].x = s->r->n - jump + (look(s) == T_BAR);
	}
}

int
regcomp(regex_t *out, const char *pattern, int flags)
{
	struct libc_regex *r = calloc(1, sizeof(*r));
	struct parser s = { pattern, r, flags & REG_EXTENDED, .first = 2 };

	if (!r)
		return REG_ESPACE;
	*out = (regex_t){ 0, r };
	r->icase = flags & REG_ICASE;
	r->newline = flags & REG_NEWLINE;
	alternatives(&s);
	if (!s.error && look(&s) == T_CLOSE)
		fail(&s, REG_EPAREN);
	emit(&s, MATCH, 0, 0);
	out->re_nsub = s.groups;
	if (s.error)
		regfree(out);
	return s.error;
}
