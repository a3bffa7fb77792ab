// Wide characters in the locale "C": a byte each, without states (ISO C
// 7.22.7).
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

int
mbtowc(wchar_t *to, const char *s, size_t n)
{
	if (!s)
		return 0; // no states
	if (n == 0)
		return -1;
	if (to)
		*to = (unsigned char)*s;
	return *s != 0;
}

int
mblen(const char *s, size_t n)
{
	return mbtowc(NULL, s, n);
}

int
wctomb(char *s, wchar_t c)
{
	if (!s)
		return 0;
	if (c < 0 || c > 0xff) {
		errno = EINVAL;
		return -1;
	}
	*s = (char)c;
	return 1;
}

size_t
mbstowcs(wchar_t *to, const char *s, size_t n)
{
	size_t i = 0;

	for (; (!to || i < n) && s[i]; i++)
		if (to)
			to[i] = (unsigned char)s[i];
	if (to && i < n)
		to[i] = 0;
	return i;
}

size_t
wcstombs(char *to, const wchar_t *s, size_t n)
{
	size_t i = 0;
	char byte;

	for (; (!to || i < n) && s[i]; i++) {
		if (wctomb(&byte, s[i]) < 0)
			return (size_t)-1;
		if (to)
			to[i] = byte;
	}
	if (to && i < n)
		to[i] = 0;
	return i;
}

wint_t
btowc(int c)
{
	return c == -1 ? WEOF : (unsigned char)c;
}

int
wctob(wint_t c)
{
	return c > 0xff ? -1 : (int)c;
}

size_t
wcslen(const wchar_t *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int
wcwidth(wchar_t c)
{
	return c == 0 ? 0 : isprint(c) ? 1 : -1;
}

#define WIDE(name)                                                             \
	int isw##name(wint_t c)                                                \
	{                                                                      \
		return c < 0x80 && is##name((int)c);                           \
	}
WIDE(alpha)
WIDE(digit)
WIDE(alnum)
WIDE(space)
WIDE(print)
WIDE(upper)
WIDE(lower)
WIDE(punct)

wint_t
towupper(wint_t c)
{
	return c < 0x80 ? (wint_t)toupper((int)c) : c;
}

wint_t
towlower(wint_t c)
{
	return c < 0x80 ? (wint_t)tolower((int)c) : c;
}
