// Patterns of file names: walking over directories (user/lib/glob.h).
#include "user/lib/glob.h"
#include "user/user.h"

struct search {
	void (*add)(const char *path, void *arg);
	void *arg;
	int found;
};

static void find(struct search *s, const char *dir, const char *pattern);

static bool
is_pattern(const char *s)
{
	return strchr(s, '*') || strchr(s, '?') || strchr(s, '[');
}

// The part of a pattern up to a slash, in new memory. *rest: what follows, or
// NULL.
static char *
first_part(const char *pattern, const char **rest)
{
	const char *slash = strchr(pattern, '/');
	char *part = strdup(pattern);

	*rest = slash;
	while (*rest && **rest == '/')
		++*rest;
	if (part && slash)
		part[slash - pattern] = 0;
	return part;
}

// "dir" and "name" as one path; the directory "" is the current one.
static char *
join(const char *dir, const char *name)
{
	return dir[0] ? path_join(dir, name) : strdup(name);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// The names of a directory that fit, sorted, in new memory; *n: how many.
static char **
matching(const char *dir, const char *pattern, int *n)
{
	int fd = open(dir[0] ? dir : ".", O_RDONLY);
	struct dir_entry e;
	char **names = NULL, **more;

	*n = 0;
	while (fd >= 0 && dir_next(fd, &e) > 0) {
		if (!glob_match(pattern, e.name))
			continue;
		more = realloc(names, (*n + 1) * sizeof(*names));
		if (!more)
			break;
		names = more;
		names[*n] = strdup(e.name);
		*n += !!names[*n];
	}
	close(fd);
	if (*n)
		qsort(names, *n, sizeof(*names), compare_names);
	return names;
}

// The path is complete, or it must be a directory and the rest is looked for.
static void
go_on(struct search *s, const char *path, const char *rest)
{
	struct stat st;

	if (rest && rest[0])
		find(s, path, rest);
	else if (stat(path, &st) == 0) {
		s->add(path, s->arg);
		s->found++;
	}
}

static void
find(struct search *s, const char *dir, const char *pattern)
{
	const char *rest;
	char *part = first_part(pattern, &rest), **names, *path;
	int n;

	if (part && !is_pattern(part)) {
		glob_plain(part);
		path = join(dir, part);
		if (path)
			go_on(s, path, rest);
		free(path);
	} else if (part) {
		names = matching(dir, part, &n);
		for (int i = 0; i < n; i++) {
			path = join(dir, names[i]);
			if (path)
				go_on(s, path, rest);
			free(path);
			free(names[i]);
		}
		free(names);
	}
	free(part);
}

int
glob_each(const char *pattern, void (*add)(const char *path, void *arg),
	  void *arg)
{
	struct search s = { add, arg, 0 };
	bool root = pattern[0] == '/';

	while (*pattern == '/')
		pattern++;
	find(&s, root ? "/" : "", pattern);
	return s.found;
}
