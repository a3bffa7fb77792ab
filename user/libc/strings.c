// What lib/string.c has not: sets, tokens, capitals.
#include <ctype.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

size_t
strspn(const char *s, const char *set)
{
	size_t n = 0;

	while (s[n] && strchr(set, s[n]))
		n++;
	return n;
}

size_t
strcspn(const char *s, const char *set)
{
	size_t n = 0;

	while (s[n] && !strchr(set, s[n]))
		n++;
	return n;
}

char *
strpbrk(const char *s, const char *set)
{
	s += strcspn(s, set);
	return *s ? (char *)s : NULL;
}

char *
strtok_r(char *s, const char *set, char **rest)
{
	s = s ? s : *rest;
	s += strspn(s, set);
	if (!*s) {
		*rest = s;
		return NULL;
	}
	*rest = s + strcspn(s, set);
	if (**rest)
		*(*rest)++ = 0;
	return s;
}

char *
strtok(char *s, const char *set)
{
	static char *rest;

	return strtok_r(s, set, &rest);
}

char *
strncat(char *dst, const char *src, size_t n)
{
	char *to = dst + strlen(dst);

	n = strnlen(src, n);
	memcpy(to, src, n);
	to[n] = 0;
	return dst;
}

char *
strndup(const char *s, size_t n)
{
	char *copy;

	n = strnlen(s, n);
	copy = malloc(n + 1);
	if (copy) {
		memcpy(copy, s, n);
		copy[n] = 0;
	}
	return copy;
}

int
strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		int d = tolower((unsigned char)*a) - tolower((unsigned char)*b);

		if (d || !*a)
			return d;
	}
	return 0;
}

int
strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, (size_t)-1);
}

int
strcoll(const char *a, const char *b)
{
	return strcmp(a, b);
}

size_t
strxfrm(char *dst, const char *src, size_t n)
{
	if (n)
		strncpy(dst, src, n);
	return strlen(src);
}

int
isascii(int c)
{
	return (c & ~0x7f) == 0;
}

int
toascii(int c)
{
	return c & 0x7f;
}

int
isblank(int c)
{
	return c == ' ' || c == '\t';
}

int
iscntrl(int c)
{
	return (c >= 0 && c < ' ') || c == 0x7f;
}

int
isgraph(int c)
{
	return c > ' ' && c < 0x7f;
}

int
ispunct(int c)
{
	return isgraph(c) && !isalnum(c);
}

int
isxdigit(int c)
{
	return isdigit(c) || (tolower(c) >= 'a' && tolower(c) <= 'f');
}

// ---- What POSIX and BSD add -------------------------------------------------

char *
stpcpy(char *dst, const char *src)
{
	size_t n = strlen(src);

	memcpy(dst, src, n + 1);
	return dst + n;
}

char *
strsep(char **s, const char *set)
{
	char *first = *s;

	if (!first)
		return NULL;
	*s = strpbrk(first, set);
	if (*s)
		*(*s)++ = 0;
	return first;
}

char *
strcasestr(const char *s, const char *what)
{
	size_t n = strlen(what);

	for (;; s++) {
		if (strncasecmp(s, what, n) == 0)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

void *
memrchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	while (n > 0)
		if (p[--n] == (unsigned char)c)
			return (void *)(p + n);
	return NULL;
}

void *
memmem(const void *s, size_t n, const void *what, size_t m)
{
	const char *p = s;

	for (size_t i = 0; m <= n && i <= n - m; i++)
		if (memcmp(p + i, what, m) == 0)
			return (void *)(p + i);
	return NULL;
}

size_t
strlcat(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(dst, size);

	return n + strlcpy(dst + n, src, size - n);
}

char *
basename(char *path)
{
	char *end = path ? path + strlen(path) : NULL, *slash;

	if (!path || !*path)
		return ".";
	while (end > path + 1 && end[-1] == '/')
		*--end = 0;
	slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

char *
dirname(char *path)
{
	char *slash;

	if (!path || !*path)
		return ".";
	basename(path); // takes slashes at the end away
	slash = strrchr(path, '/');
	if (!slash)
		return ".";
	while (slash > path && slash[-1] == '/')
		slash--;
	slash[slash == path] = 0;
	return path;
}
