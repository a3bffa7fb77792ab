// What lib/string.c has not: sets, tokens, capitals.
#include <ctype.h>
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
