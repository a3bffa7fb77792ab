// Completing names (user/lib/complete.h): what fits the word with a * behind
// it.
#include "user/lib/complete.h"
#include "user/lib/glob.h"
#include "user/user.h"

#define BREAKS " \t|;&<>()=" // characters that begin a new word

// Where the word that ends at pos begins.
static int
word_start(const char *text, int pos)
{
	while (pos > 0 && !strchr(BREAKS, text[pos - 1]))
		pos--;
	return pos;
}

// Does a command begin at `start`?
static bool
is_command(const char *text, int start)
{
	while (start > 0 && strchr(" \t", text[start - 1]))
		start--;
	return start == 0 || strchr("|;&(", text[start - 1]);
}

static void
add_path(const char *path, void *arg)
{
	struct completion *c = arg;
	char **names = realloc(c->names, (c->count + 1) * sizeof(*names));

	if (!names)
		return;
	c->names = names;
	names[c->count] = strdup(path);
	c->count += !!names[c->count];
}

// The pattern of all that completes text[start..pos), in new memory.
static char *
pattern_of(const char *text, int start, int pos)
{
	char *pattern = malloc(2 * (pos - start) + 3), *to = pattern;

	if (!pattern)
		return NULL;
	if (!memchr(text + start, '/', pos - start) && is_command(text, start))
		*to++ = '/'; // where programs are
	for (int i = start; i < pos; i++) {
		if (strchr(GLOB_SPECIAL, text[i]))
			*to++ = '\\';
		*to++ = text[i];
	}
	strcpy(to, "*");
	return pattern;
}

// How many characters all names have in common: those that the first and the
// last have, as they are sorted.
static size_t
common(const struct completion *c)
{
	const char *a = c->names[0], *b = c->names[c->count - 1];
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

// have: how many characters of a name stand in the line.
static void
set_add(struct completion *c, size_t have, bool directory)
{
	size_t n = common(c);

	c->add = malloc(n - have + 2);
	if (!c->add)
		return;
	memcpy(c->add, c->names[0] + have, n - have);
	c->add[n - have] = 0;
	if (c->count == 1)
		strcat(c->add, directory ? "/" : " ");
}

void
complete(const char *text, int pos, struct completion *c)
{
	int start = word_start(text, pos), slash = pos;
	char *pattern = pattern_of(text, start, pos);
	bool directory;

	*c = (struct completion){ .count = 0 };
	if (pattern)
		glob_each(pattern, add_path, c);
	free(pattern);
	if (!c->count)
		return;
	directory = is_dir(c->names[0]);
	for (int i = 0; i < c->count; i++) {
		const char *base = path_base(c->names[i]);

		memmove(c->names[i], base, strlen(base) + 1);
	}
	while (slash > start && text[slash - 1] != '/')
		slash--;
	set_add(c, pos - slash, directory);
}

void
complete_free(struct completion *c)
{
	for (int i = 0; i < c->count; i++)
		free(c->names[i]);
	free(c->names);
	free(c->add);
}
