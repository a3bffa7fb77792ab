// The environment: NAME=VALUE strings that a program gets and hands on.
#include "user/user.h"

static char **own; // environ, once it has been changed

// The bytes before the first c, or before the end.
static size_t
before(const char *s, char c)
{
	const char *end = strchr(s, c);

	return end ? (size_t)(end - s) : strlen(s);
}

// The place of a name in environ, or of the NULL at its end.
static char **
find(const char *name, size_t n)
{
	char **e = environ;

	while (*e && (strncmp(*e, name, n) != 0 || (*e)[n] != '='))
		e++;
	return e;
}

char *
getenv(const char *name)
{
	size_t n = strlen(name);
	char *s = *find(name, n);

	return s ? s + n + 1 : NULL;
}

// Makes environ our own, with room for one more. What exec made lies on the
// stack.
static int
make_room(void)
{
	char **copy;
	uint n = 0;

	while (environ[n])
		n++;
	copy = malloc((n + 2) * sizeof(copy[0]));
	if (!copy)
		return -1;
	memcpy(copy, environ, (n + 1) * sizeof(copy[0]));
	copy[n + 1] = NULL;
	free(own);
	environ = own = copy;
	return 0;
}

int
putenv(char *text)
{
	size_t n = before(text, '=');

	if (!text[n]) {
		unsetenv(text);
		return 0;
	}
	if (make_room() < 0)
		return -1;
	*find(text, n) = text;
	return 0;
}

static bool
is_name(const char *name)
{
	if (name && *name && !strchr(name, '='))
		return true;
	errno = EINVAL;
	return false;
}

// An old value stays in memory: the program may still hold what getenv said.
int
setenv(const char *name, const char *value, int overwrite)
{
	size_t n;
	char *text;

	if (!is_name(name))
		return -1;
	if (!overwrite && getenv(name))
		return 0;
	n = strlen(name);
	text = malloc(n + strlen(value) + 2);
	if (!text)
		return -1;
	memcpy(text, name, n);
	text[n] = '=';
	strcpy(text + n + 1, value);
	if (putenv(text) == 0)
		return 0;
	free(text);
	return -1;
}

int
unsetenv(const char *name)
{
	size_t n;

	if (!is_name(name))
		return -1;
	n = strlen(name);
	for (char **e = find(name, n); *e; e = find(name, n))
		for (; *e; e++)
			e[0] = e[1];
	return 0;
}

// ---- exec with it -----------------------------------------------------------

// The call without an environment is the shorter one.
int
exec(const char *path, char *const argv[])
{
	return *environ ? execve(path, argv, environ) : sys_exec(path, argv);
}

// The next directory of a PATH, at *path, and name, in new memory.
static char *
next_candidate(const char **path, const char *name)
{
	size_t n = before(*path, ':');
	char *dir = malloc(n + 2), *whole;

	if (!dir)
		return NULL;
	memcpy(dir, *path, n);
	strcpy(dir + n, n > 0 ? "" : ".");
	*path += n + ((*path)[n] == ':');
	whole = path_join(dir, name);
	free(dir);
	return whole;
}

char *
path_search(const char *name)
{
	const char *path = getenv("PATH");
	struct stat st;
	char *whole;

	if (strchr(name, '/'))
		return strdup(name);
	path = path ? path : "/";
	while (*name && *path) {
		whole = next_candidate(&path, name);
		if (!whole)
			return NULL;
		if (stat(whole, &st) == 0 && st.type == T_FILE)
			return whole;
		free(whole);
	}
	errno = ENOENT;
	return NULL;
}
