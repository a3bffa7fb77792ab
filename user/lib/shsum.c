// Sums: a function for each level of priority (user/lib/shsum.h).
#include "user/lib/shsum.h"
#include "lib/string.h"
#include "lib/types.h"

#define DEPTH_MAX 50

struct sum {
	const char *s;
	int (*value)(const char *name, void *arg);
	void *arg;
	int depth;
	bool bad;
};

// Lowest priority first.
static const struct {
	const char *text;
	int level;
	char what;
} operators[] = {
	{ "<=", 0, 'l' }, { ">=", 0, 'g' }, { "==", 0, '=' }, { "!=", 0, '!' },
	{ "<", 0, '<' },  { ">", 0, '>' },  { "+", 1, '+' },  { "-", 1, '-' },
	{ "*", 2, '*' },  { "/", 2, '/' },  { "%", 2, '%' },
};
#define LEVELS 3

static int level(struct sum *u, int n);

static void
skip_blanks(struct sum *u)
{
	while (*u->s == ' ' || *u->s == '\t' || *u->s == '\n')
		u->s++;
}

static bool
in_name(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static int
name(struct sum *u)
{
	char text[32];
	uint n = 0;

	for (; in_name(*u->s); u->s++)
		if (n < sizeof(text) - 1)
			text[n++] = *u->s;
	text[n] = 0;
	u->bad |= n == 0;
	return n ? u->value(text, u->arg) : 0;
}

static int
number(struct sum *u)
{
	uint v = 0;

	while (*u->s >= '0' && *u->s <= '9')
		v = v * 10 + (*u->s++ - '0');
	return v;
}

static int
atom(struct sum *u)
{
	int v;

	skip_blanks(u);
	if (++u->depth > DEPTH_MAX) {
		u->bad = true;
		return 0;
	}
	if (*u->s == '-' || *u->s == '+') {
		bool minus = *u->s++ == '-';

		v = atom(u);
		v = minus ? -(uint)v : (uint)v;
	} else if (*u->s == '(') {
		u->s++;
		v = level(u, 0);
		skip_blanks(u);
		u->bad |= *u->s != ')';
		u->s += *u->s == ')';
	} else {
		v = *u->s >= '0' && *u->s <= '9' ? number(u) : name(u);
	}
	u->depth--;
	return v;
}

// Overflow wraps around, as in the machine.
static int
apply(struct sum *u, char what, int a, int b)
{
	switch (what) {
	case 'l': return a <= b;
	case 'g': return a >= b;
	case '=': return a == b;
	case '!': return a != b;
	case '<': return a < b;
	case '>': return a > b;
	case '+': return (uint)a + (uint)b;
	case '-': return (uint)a - (uint)b;
	case '*': return (uint)a * (uint)b;
	}
	if (b == 0) {
		u->bad = true;
		return 0;
	}
	if (b == -1) // the quotient of the lowest number has no room
		return what == '/' ? -(uint)a : 0;
	return what == '/' ? a / b : a % b;
}

// The operator of a level at the text, or -1.
static int
operator_at(struct sum *u, int n)
{
	skip_blanks(u);
	for (uint i = 0; i < countof(operators); i++)
		if (operators[i].level == n &&
		    strncmp(u->s, operators[i].text,
			    strlen(operators[i].text)) == 0)
			return i;
	return -1;
}

static int
level(struct sum *u, int n)
{
	int v = n + 1 < LEVELS ? level(u, n + 1) : atom(u), i;

	while (!u->bad && (i = operator_at(u, n)) >= 0) {
		u->s += strlen(operators[i].text);
		v = apply(u, operators[i].what, v,
			  n + 1 < LEVELS ? level(u, n + 1) : atom(u));
	}
	return v;
}

int
sh_sum(const char *text, int (*value)(const char *name, void *arg), void *arg,
       int *result)
{
	struct sum u = { .s = text, .value = value, .arg = arg };

	*result = level(&u, 0);
	skip_blanks(&u);
	return u.bad || *u.s != 0 ? -1 : 0;
}
