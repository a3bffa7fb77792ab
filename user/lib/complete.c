// Completing names (user/lib/complete.h).
#include "user/lib/complete.h"
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

// Text[from..to) in new memory.
static char *
copy(const char *text, int from, int to)
{
	char *s = malloc(to - from + 1);

	if (!s)
		return NULL;
	memcpy(s, text + from, to - from);
	s[to - from] = 0;
	return s;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
add_name(struct completion *c, const char *name)
{
	char **names = realloc(c->names, (c->count + 1) * sizeof(*names));

	if (!names)
		return;
	c->names = names;
	names[c->count] = strdup(name);
	c->count += !!names[c->count];
}

// The names of a directory that begin with prefix.
static void
find_names(struct completion *c, const char *dir, const char *prefix)
{
	int fd = open(dir, O_RDONLY);
	struct dir_entry e;
	size_t n = strlen(prefix);

	while (fd >= 0 && dir_next(fd, &e) > 0)
		if (strncmp(e.name, prefix, n) == 0 &&
		    (e.name[0] != '.' || prefix[0] == '.'))
			add_name(c, e.name);
	close(fd);
	if (c->count)
		qsort(c->names, c->count, sizeof(*c->names), compare_names);
}

// How many characters the first and the last name have in common: all between
// have them too, as the names are sorted.
static size_t
common(const struct completion *c)
{
	const char *a = c->names[0], *b = c->names[c->count - 1];
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

static void
set_add(struct completion *c, const char *dir, size_t have)
{
	size_t n = common(c);
	char *add = malloc(n - have + 2), *path;

	c->add = add;
	if (!add)
		return;
	memcpy(add, c->names[0] + have, n - have);
	add[n - have] = 0;
	if (c->count > 1)
		return;
	path = path_join(dir, c->names[0]);
	strcat(add, path && is_dir(path) ? "/" : " ");
	free(path);
}

void
complete(const char *text, int pos, struct completion *c)
{
	int start = word_start(text, pos), slash = pos;
	char *dir, *prefix;

	*c = (struct completion){ .count = 0 };
	while (slash > start && text[slash - 1] != '/')
		slash--;
	if (slash > start)
		dir = copy(text, start, slash);
	else
		dir = strdup(is_command(text, start) ? "/" : ".");
	prefix = copy(text, slash, pos);
	if (dir && prefix) {
		find_names(c, dir, prefix);
		if (c->count)
			set_add(c, dir, strlen(prefix));
	}
	free(dir);
	free(prefix);
}

void
complete_free(struct completion *c)
{
	for (int i = 0; i < c->count; i++)
		free(c->names[i]);
	free(c->names);
	free(c->add);
}
