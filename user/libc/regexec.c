// regexec: goes all ways through the instructions, the preferred one first, and
// keeps the longest match. A place that was visited with the same text left
// cannot match more than the first time, so that the work is bounded by
// instructions times text. With back references this does not hold: there the
// number of steps is bounded.
#include "regex.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS	10000000 // with back references
#define VISITED (32 << 20) // bytes at most

#define PLACES (2 * GROUPS + MARKS)

// What is left to try: to go on at pc and `at`, or, with pc < 0, to give place
// number `at` its old value.
struct way {
	int pc, at, old;
};

struct matcher {
	const struct libc_regex *r;
	const char *text;
	int length, flags;
	unsigned char *visited; // a bit for each pc and place, or NULL
	struct way *ways;
	int n, size;
	int place[PLACES];      // groups' ends, and marks
	int best[2 * GROUPS];   // of the longest match; [1] < 0: none
	long steps;
	bool out_of_memory;
};

static void
push(struct matcher *m, int pc, int at, int old)
{
	struct way *more;

	if (m->n == m->size) {
		more = realloc(m->ways, (2 * m->size + 64) * sizeof(*more));
		if (!more) {
			m->out_of_memory = true;
			return;
		}
		m->ways = more;
		m->size = 2 * m->size + 64;
	}
	m->ways[m->n++] = (struct way){ pc, at, old };
}

static void
set_place(struct matcher *m, int i, int at)
{
	push(m, -1, i, m->place[i]);
	m->place[i] = at;
}

static bool
first_visit(struct matcher *m, int pc, int at)
{
	size_t bit = (size_t)pc * (m->length + 1) + at;

	if (!m->visited)
		return true;
	if (m->visited[bit / 8] >> bit % 8 & 1)
		return false;
	m->visited[bit / 8] |= 1 << bit % 8;
	return true;
}

// ---- One instruction --------------------------------------------------------

static bool
fits(const struct matcher *m, const struct instruction *i, int at)
{
	unsigned char c = m->text[at];

	if (at == m->length)
		return false;
	if (i->op == ANY)
		return !(m->r->newline && c == '\n');
	if (i->op == CHAR)
		return c == i->x ||
		       (m->r->icase && tolower(c) == tolower(i->x));
	return in_set(m->r->sets[i->x], c) ||
	       (m->r->icase && (in_set(m->r->sets[i->x], tolower(c)) ||
				in_set(m->r->sets[i->x], toupper(c))));
}

static bool
at_edge(const struct matcher *m, enum op op, int at)
{
	if (op == BEGIN)
		return at == 0 ? !(m->flags & REG_NOTBOL)
			       : m->r->newline && m->text[at - 1] == '\n';
	return at == m->length ? !(m->flags & REG_NOTEOL)
			       : m->r->newline && m->text[at] == '\n';
}

// The length of the group if its text stands here again, or -1.
static int
back_length(const struct matcher *m, int group, int at)
{
	int from = m->place[2 * group], n = m->place[2 * group + 1] - from;

	if (m->place[2 * group + 1] < 0 || n > m->length - at)
		return -1;
	if (m->r->icase ? strncasecmp(m->text + from, m->text + at, n)
			: strncmp(m->text + from, m->text + at, n))
		return -1;
	return n;
}

static void
found(struct matcher *m, int at)
{
	if (at <= m->best[1])
		return;
	memcpy(m->best, m->place, sizeof(m->best));
	m->best[1] = at;
	if (at == m->length)
		m->n = 0; // no match is longer
}

// Goes one step. The distance to the next instruction, or 0: this way ends.
static int
step(struct matcher *m, const struct instruction *i, int pc, int *at)
{
	int n;

	switch (i->op) {
	case CHAR:
	case ANY:
	case SET:
		n = fits(m, i, *at);
		*at += n;
		return n;
	case BEGIN:
	case END:   return at_edge(m, i->op, *at);
	case JUMP:  return i->x;
	case SPLIT: push(m, pc + i->y, *at, 0); return i->x;
	case SAVE:  set_place(m, i->x, *at); return 1;
	case CHECK: return m->visited || m->place[i->x] != *at;
	case BACK:
		n = back_length(m, i->x, *at);
		*at += n < 0 ? 0 : n;
		return n >= 0;
	default:    found(m, *at); return 0;
	}
}

// ---- All ways ---------------------------------------------------------------

static void
go(struct matcher *m, int pc, int at)
{
	int distance;

	do {
		if (!first_visit(m, pc, at))
			return;
		distance = step(m, &m->r->code[pc], pc, &at);
		pc += distance;
	} while (distance && !m->out_of_memory &&
		 (m->visited || ++m->steps < STEPS));
}

// The longest match that begins at `start`. Is there one?
static bool
match_at(struct matcher *m, int start)
{
	struct way w;

	memset(m->place, 0xff, sizeof(m->place));
	m->best[1] = -1;
	m->place[0] = start;
	push(m, 0, start, 0);
	while (m->n > 0 && !m->out_of_memory) {
		w = m->ways[--m->n];
		if (w.pc < 0)
			m->place[w.at] = w.old;
		else
			go(m, w.pc, w.at);
	}
	return m->best[1] >= 0;
}

static int
search(struct matcher *m)
{
	for (int start = 0; start <= m->length; start++) {
		if (match_at(m, start))
			return 0;
		if (m->out_of_memory || m->steps >= STEPS)
			return REG_ESPACE;
	}
	return REG_NOMATCH;
}

int
regexec(const regex_t *r, const char *text, size_t n, regmatch_t out[],
	int flags)
{
	struct matcher m = { .r = r->program,
			    .text = text,
			    .length = (int)strlen(text),
			    .flags = flags};
	size_t bytes = ((size_t)m.length + 1) * m.r->n / 8 + 1;
	int result;

	if (!m.r->back && bytes <= VISITED)
		m.visited = calloc(1, bytes);
	result = search(&m);
	for (size_t i = 0; !result && out && i < n; i++) {
		bool has = i <= r->re_nsub && m.best[2 * i + 1] >= 0;

		out[i] = has ? (regmatch_t){ m.best[2 * i], m.best[2 * i + 1] }
			     : (regmatch_t){ -1, -1 };
	}
	free(m.visited);
	free(m.ways);
	return result;
}

size_t
regerror(int error, const regex_t *r, char *buf, size_t size)
{
	static const char *const messages[] = {
		"no error",
		"no match",
		"wrong pattern",
		"no such character",
		"no such class of characters",
		"a \\ at the end",
		"a group that does not exist",
		"a [ without its ]",
		"a ( without its ), or the reverse",
		"a { without its }",
		"wrong numbers in { }",
		"a range that goes backwards",
		"too large",
		"nothing to repeat"};
	const char *s = "unknown error";

	(void)r;
	if (error >= 0 && error < (int)(sizeof(messages) / sizeof(messages[0])))
		s = messages[error];
	if (size > 0)
		snprintf(buf, size, "%s", s);
	return strlen(s) + 1;
}

void
regfree(regex_t *r)
{
	if (!r->program)
		return;
	free(r->program->code);
	free(r->program->sets);
	free(r->program);
	r->program = NULL;
}
