// The shell's words: marks get their values when a command runs, values outside
// of quotes are split at blanks, and patterns become names of files.
#include "user/lib/glob.h"
#include "user/lib/shrun.h"
#include "user/lib/shsum.h"
#include "user/user.h"

// A word under way. `text` is a pattern: a backslash stands before a character
// that is none of a pattern's.
struct field {
	struct shell *sh;
	bool split;          // into several fields; else one text, no pattern
	bool quoted;         // between double quotes now
	bool exists;         // also if it is empty: there were quotes
	bool pattern;        // has * ? or [ that may fit names
	char *text;
	size_t n, size;
	char **argv;         // the fields that are done
	int argc;
};

static void
out_of_memory(void)
{
	err(1, "expanding a word");
}

static void
add_char(struct field *f, char c)
{
	if (f->n + 2 > f->size) {
		f->size = 2 * f->size + 32;
		f->text = realloc(f->text, f->size);
		if (!f->text)
			out_of_memory();
	}
	f->text[f->n++] = c;
	f->text[f->n] = 0;
}

static void
add_argument(const char *text, void *arg)
{
	struct field *f = arg;
	char **argv = realloc(f->argv, (f->argc + 2) * sizeof(*argv));

	if (!argv)
		out_of_memory();
	f->argv = argv;
	argv[f->argc] = strdup(text);
	if (!argv[f->argc++])
		out_of_memory();
	argv[f->argc] = NULL;
}

// A character that stands for itself.
static void
add_literal(struct field *f, char c)
{
	if (f->split && strchr(GLOB_SPECIAL, c))
		add_char(f, '\\');
	add_char(f, c);
}

// The field is complete: as names, or as it is.
static void
end_field(struct field *f)
{
	if (!f->n && !f->exists)
		return;
	if (!f->n) {
		add_argument("", f);
	} else if (!f->pattern || glob_each(f->text, add_argument, f) == 0) {
		glob_plain(f->text);
		add_argument(f->text, f);
	}
	f->n = 0;
	f->exists = f->pattern = false;
}

static void
add_plain(struct field *f, char c)
{
	// A backslash that is still here came with a value.
	if (f->quoted || !f->split || c == '\\') {
		add_literal(f, c);
		return;
	}
	f->pattern |= !!strchr("*?[", c);
	add_char(f, c);
}

// A value: outside of quotes its blanks separate fields.
static void
add_value(struct field *f, const char *s)
{
	for (; s && *s != 0; s++)
		if (!f->quoted && f->split && isspace(*s))
			end_field(f);
		else
			add_plain(f, *s);
}

// ---- Values -----------------------------------------------------------------

// $* is one text, $@ in quotes a field for each argument.
static void
add_arguments(struct field *f, char which)
{
	for (int i = 1; i < f->sh->argc; i++) {
		if (i > 1 && which == '@' && f->split && f->quoted)
			end_field(f);
		else if (i > 1)
			add_value(f, " ");
		f->exists |= which == '@' && f->quoted;
		add_value(f, f->sh->argv[i]);
	}
}

static void
add_param(struct field *f, char c)
{
	char number[16];
	int n = c == '?'   ? f->sh->status
		: c == '#' ? f->sh->argc - 1
			   : getpid();

	if (c == '*' || c == '@') {
		add_arguments(f, c);
	} else if (isdigit(c)) {
		if (c - '0' < f->sh->argc)
			add_value(f, f->sh->argv[c - '0']);
	} else {
		snprintf(number, sizeof(number), "%d", n);
		add_value(f, number);
	}
}

static int
value_of(const char *name, void *arg)
{
	const char *value = sh_get(arg, name);

	return value ? atoi(value) : 0;
}

static void
add_sum(struct field *f, const char *text)
{
	char *expanded = sh_expand(f->sh, text), number[16];
	int n;

	if (sh_sum(expanded, value_of, f->sh, &n) < 0)
		warnx("%s: not a sum", expanded);
	snprintf(number, sizeof(number), "%d", n);
	add_value(f, number);
	free(expanded);
}

static void
add_output(struct field *f, const char *text)
{
	char *output = sh_output(f->sh, text);

	add_value(f, output);
	free(output);
}

// What stands between two marks. Returns where the second one is.
static const char *
add_marked(struct field *f, const char *s)
{
	const char *end = strchr(s + 1, *s);
	char *text;

	if (!end)
		return s;
	text = strdup(s + 1);
	if (!text)
		out_of_memory();
	text[end - s - 1] = 0;
	if (*s == SH_VAR)
		add_value(f, sh_get(f->sh, text));
	else if (*s == SH_SUM)
		add_sum(f, text);
	else
		add_output(f, text);
	free(text);
	return end;
}

static void
add_word(struct field *f, const char *s)
{
	for (; *s != 0; s++) {
		if (*s == SH_QUOTED) {
			f->quoted = !f->quoted;
			f->exists = true;
		} else if (*s == SH_LITERAL && s[1] != 0) {
			add_literal(f, *++s);
		} else if (*s == SH_PARAM && s[1] != 0) {
			add_param(f, *++s);
		} else if (*s == SH_VAR || *s == SH_CMD || *s == SH_SUM) {
			s = add_marked(f, s);
		} else {
			add_plain(f, *s);
		}
	}
	f->quoted = false;
}

// ---- Words ------------------------------------------------------------------

char *
sh_expand(struct shell *sh, const char *word)
{
	struct field f = { .sh = sh };

	add_word(&f, word);
	if (!f.text)
		f.text = strdup("");
	if (!f.text)
		out_of_memory();
	return f.text;
}

char **
sh_expand_words(struct shell *sh, const struct sh_word *w, int *argc)
{
	struct field f = { .sh = sh, .split = true };

	f.argv = calloc(1, sizeof(*f.argv));
	if (!f.argv)
		out_of_memory();
	for (; w; w = w->next) {
		add_word(&f, w->text);
		end_field(&f);
	}
	free(f.text);
	*argc = f.argc;
	return f.argv;
}

void
sh_free_words(char **argv)
{
	for (int i = 0; argv[i]; i++)
		free(argv[i]);
	free(argv);
}
