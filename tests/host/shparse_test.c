// Catches: the shell understanding a line otherwise than user/lib/shparse.h
// says, a syntax error that passes, and any line that makes the parser leave
// its memory.
//
// A tree is printed back in a form without quotes and blanks of its own, and
// compared as text.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define sh_parse cr3_sh_parse
#include "user/lib/shlex.c"
#include "user/lib/shparse.c"

static char out[4096];
static int failures;

static void
put(const char *s)
{
	strncat(out, s, sizeof(out) - strlen(out) - 1);
}

static void
show_word(const char *s)
{
	char open = 0;

	for (put("<"); *s != 0; s++) {
		char c[2] = { *s, 0 };

		if (*s == SH_PARAM)
			put("$");
		else if (*s == open)
			open = 0, put("}");
		else if (*s == SH_VAR || *s == SH_CMD || *s == SH_SUM)
			open = *s, put(*s == SH_VAR ? "${"
				       : *s == SH_CMD ? "$({"
						      : "$(({");
		else if (*s != SH_LITERAL && *s != SH_QUOTED)
			put(c);
	}
	put(">");
}

static void print(const struct sh_node *n);

static void
print_children(const struct sh_node *n)
{
	for (const struct sh_node *c = n->first; c; c = c->next) {
		if (c != n->first && n->kind == SH_PIPELINE)
			put("|");
		if (c != n->first && n->kind == SH_ANDOR)
			put(c->if_failed ? "||" : "&&");
		print(c);
		if (n->kind == SH_LIST)
			put(c->background ? "&" : ";");
	}
}

static void
print(const struct sh_node *n)
{
	static const char *const names[] = {[SH_SUB] = "(",
					    [SH_IF] = "if(",
					    [SH_WHILE] = "while(",
					    [SH_FOR] = "for("};

	if (n->negated)
		put("!");
	if (n->kind >= SH_SUB)
		put(names[n->kind]);
	print_children(n);
	if (n->kind >= SH_SUB)
		put(")");
	for (const struct sh_word *w = n->words; w; w = w->next)
		show_word(w->text);
	for (const struct sh_redir *r = n->redirs; r; r = r->next) {
		char op[8];

		snprintf(op, sizeof(op), "%d%s", r->fd,
			 r->flags == SH_HERE	? "H"
			 : r->flags == SH_HERE_RAW ? "h"
			 : r->flags == SH_DUP	? "D"
			 : r->flags == O_RDONLY	? "R"
			 : r->flags & O_APPEND ? "A"
						   : "W");
		put(op);
		show_word(r->path);
	}
}

// Parses in memory of exactly the size that the header promises to be enough.
static const char *
parsed(const char *text)
{
	size_t size = SH_MEMORY(strlen(text));
	void *mem = malloc(size);
	const char *error;
	struct sh_node *n = sh_parse(text, mem, size, &error);

	out[0] = 0;
	if (n)
		print(n);
	else
		snprintf(out, sizeof(out), "error: %s", error);
	free(mem);
	return out;
}

static const struct {
	const char *text, *want;
} cases[] = {
	{ "", "" },
	{ "   \t ", "" },
	{ "# only a comment", "" },
	{ ";;;", "" },
	{ "ls", "<ls>;" },
	{ "  ls   -l  ", "<ls><-l>;" },
	{ "a;b;", "<a>;<b>;" },
	{ "a\nb\n\nc", "<a>;<b>;<c>;" },
	{ "a & b", "<a>&<b>;" },
	{ "a&", "<a>&" },
	{ "a|b|c", "<a>|<b>|<c>;" },
	{ "a && b || c", "<a>&&<b>||<c>;" },
	{ "a|b&&c|d&", "<a>|<b>&&<c>|<d>&" },
	{ "a <in >out", "<a>0R<in>1W<out>;" },
	{ "a>>log 2>err", "<a>1A<log>2W<err>;" },
	{ ">f", "1W<f>;" },
	{ "echo 2 >f", "<echo><2>1W<f>;" },
	{ "echo a2>f", "<echo><a2>1W<f>;" },
	{ "(a;b)|c", "(<a>;<b>;)|<c>;" },
	{ "(a) >f", "(<a>;)1W<f>;" },
	{ "((a))", "((<a>;););" },
	{ "(a)&", "(<a>;)&" },
	{ "echo 'a  b' c", "<echo><a  b><c>;" },
	{ "echo \"a;b|c\"", "<echo><a;b|c>;" },
	{ "echo a'b'\"c\"d", "<echo><abcd>;" },
	{ "echo ''", "<echo><>;" },
	{ "echo a\\ b \\;", "<echo><a b><;>;" },
	{ "echo \"\\\"\" '\\'", "<echo><\"><\\>;" },
	{ "echo \"\\n\"", "<echo><\\n>;" },
	{ "echo $? \"$1\" '$1' \\$1 $x", "<echo><$?><$1><$1><$1><${x}>;" },
	{ "echo a#b #c", "<echo><a#b>;" },
	{ "echo one # two\nthree", "<echo><one>;<three>;" },
	{ "a |", "error: a command is missing at the end" },
	{ "| a", "error: a command is missing" },
	{ "a && ; b", "error: a command is missing" },
	{ "& a", "error: a command is missing" },
	{ "a & & b", "error: a command is missing" },
	{ "a >", "error: a file name is missing behind < or >" },
	{ "a > > b", "error: a file name is missing behind < or >" },
	{ "a > | b", "error: a file name is missing behind < or >" },
	{ "(a", "error: the text ends too early" },
	{ "a)", "error: a ) without its (" },
	{ "()", "error: nothing between ( and )" },
	{ "echo 'a", "error: the text ends too early" },
	{ "echo \"a\\\"", "error: the text ends too early" },
	{ "a (b)", "error: an operator is missing before ( or behind )" },
	{ "(a) b", "error: an operator is missing before ( or behind )" },
	{ "a 2>&1 >f", "<a>2D<1>1W<f>;" },
	{ "a >&x", "error: behind >& a digit is wanted" },
	{ "! a | b", "!<a>|<b>;" },
	{ "x=1 a", "<x=1><a>;" },
	{ "a ${b}c $(d | e) $((1 + 2))", "<a><${b}c><$({d | e}><$(({1 + 2}>;" },
	{ "a \"$(b \")\" )\"", "<a><$({b \")\" }>;" },
	{ "a $(b", "error: the text ends too early" },
	{ "a ${b", "error: the text ends too early" },
	{ "if a; then b; fi", "if(<a>;<b>;);" },
	{ "if a\nthen b\nelif c; then d; else e\nfi >f",
	 "if(<a>;<b>;<c>;<d>;<e>;)1W<f>;"},
	{ "while a; do b; done | c", "while(<a>;<b>;)|<c>;" },
	{ "until a; do b; done", "!while(<a>;<b>;);" },
	{ "for x in 1 2; do b; done", "for(<b>;)<x><1><2>;" },
	{ "for x\ndo b; done", "!for(<b>;)<x>;" },
	{ "echo if then fi", "<echo><if><then><fi>;" },
	{ "'if' a", "<if><a>;" },
	{ "if a; then", "error: the text ends too early" },
	{ "if a; fi", "error: then, else, fi, do or done stands alone" },
	{ "if a; then fi", "error: a command is missing" },
	{ "fi", "error: then, else, fi, do or done stands alone" },
	{ "for; do b; done", "error: a name is missing behind for" },
	{ "for x in a b; echo", "error: do is missing" },
	{ "(a; fi)", "error: then, else, fi, do or done stands alone" },
	{ "a <<E | b\nx $y\nE\nc", "<a>0H<x ${y}\n>|<b>;<c>;" },
	{ "a <<'E' <<F\nx $y\nE\nz\nF\n", "<a>0h<x $y\n>0H<z\n>;" },
	{ "a <<E\nx", "error: the text ends too early" },
	{ "a <<E", "error: the text ends too early" },
	{ "a \\\nb", "<a><b>;" },
};

static void
test_cases(void)
{
	for (uint i = 0; i < countof(cases); i++) {
		if (strcmp(parsed(cases[i].text), cases[i].want) == 0)
			continue;
		failures++;
		fprintf(stderr, "shparse_test: `%s' is `%s', not `%s'\n",
			cases[i].text, out, cases[i].want);
	}
}

// Deep and long lines: an answer or an error, and the promised memory is enough
// for every line that is not too deep.
static void
test_sizes(void)
{
	static const char *const units[] = {"a;",
					    "a|",
					    "a&&",
					    ">f ",
					    "a ",
					    "(",
					    "'' ",
					    "(a);",
					    "$x ",
					    "'*' ",
					    "if a;then b;fi;"};
	char line[9000];

	for (uint u = 0; u < countof(units); u++) {
		line[0] = 0;
		for (size_t n = 0; n < 8000; n += strlen(units[u]))
			strcpy(line + n, units[u]);
		if (!strstr(parsed(line), "too long"))
			continue;
		failures++;
		fprintf(stderr, "shparse_test: too long: %s\n", units[u]);
	}
}

// Random lines of special characters: the sanitizers see a stray access.
static void
test_noise(void)
{
	static const char set[] = "ab ;|&<>()'\"\\$?1#\n\t2\001\003{}*";
	char line[40];

	srand(1);
	for (int i = 0; i < 200000; i++) {
		int n = rand() % sizeof(line);

		for (int k = 0; k < n; k++)
			line[k] = set[rand() % (sizeof(set) - 1)];
		line[n < (int)sizeof(line) ? n : n - 1] = 0;
		parsed(line);
	}
}

// Too little memory is an error, never an overrun.
static void
test_no_memory(void)
{
	const char *text = "a b 'c' | (d; e) > f && g";

	for (size_t size = 0; size < 2000; size++) {
		void *mem = malloc(size);
		const char *error;

		if (!sh_parse(text, mem, size, &error) &&
		    strcmp(error, "line too long") != 0)
			failures++;
		free(mem);
	}
}

int
main(void)
{
	test_cases();
	test_sizes();
	test_noise();
	test_no_memory();
	return failures != 0;
}
