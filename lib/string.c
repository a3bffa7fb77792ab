// The string functions of C: the one set for kernel, programs and host tests.
//
// On an i386 bulk moves are the machine's own string instructions. Every other
// function is a plain loop, because none of them takes much time. The direction
// flag is clear whenever C code runs (the trap entry clears it). copy_down sets
// it, and clears it again.
#include "lib/string.h"

#ifdef __i386__

void *
memset(void *dst, int c, size_t n)
{
	void *d = dst;
	size_t longs = n / 4;
	uint32_t fill = (uchar)c * 0x01010101u;

	asm volatile("rep stosl" : "+D"(d), "+c"(longs) : "a"(fill) : "memory");
	n %= 4;
	asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(fill) : "memory");
	return dst;
}

void *
memcpy(void *dst, const void *src, size_t n)
{
	void *d = dst;
	size_t longs = n / 4;

	asm volatile("rep movsl"
		     : "+D"(d), "+S"(src), "+c"(longs)
		     :
		     : "memory");
	n %= 4;
	asm volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(n) : : "memory");
	return dst;
}

// Copies from the last byte down to the first: first the odd bytes at the end,
// then whole longs, whose lowest byte %edi and %esi must point to.
static void
copy_down(void *dst, const void *src, size_t n)
{
	char *d = (char *)dst + n - 1;
	const char *s = (const char *)src + n - 1;
	size_t odd = n % 4, longs = n / 4;

	asm volatile("std; rep movsb; subl $3, %%edi; subl $3, %%esi;"
		     "movl %3, %%ecx; rep movsl; cld"
		     : "+D"(d), "+S"(s), "+c"(odd)
		     : "r"(longs)
		     : "memory", "cc");
}

#else

// A host compiler might replace the loop in memcpy by a call of memcpy, which
// would call itself until the stack is full. The empty asm prevents that.
#define KEEP_LOOP() asm volatile("" : : : "memory")

void *
memset(void *dst, int c, size_t n)
{
	uchar *d = dst;

	while (n-- > 0) {
		*d++ = c;
		KEEP_LOOP();
	}
	return dst;
}

void *
memcpy(void *dst, const void *src, size_t n)
{
	uchar *d = dst;
	const uchar *s = src;

	while (n-- > 0) {
		*d++ = *s++;
		KEEP_LOOP();
	}
	return dst;
}

static void
copy_down(void *dst, const void *src, size_t n)
{
	while (n-- > 0) {
		((uchar *)dst)[n] = ((const uchar *)src)[n];
		KEEP_LOOP();
	}
}

#endif

// Copies upwards, unless dst lies inside src's bytes: there that would
// overwrite bytes before they are read.
void *
memmove(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		return memcpy(dst, src, n);
	copy_down(dst, src, n);
	return dst;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const uchar *p = a, *q = b;

	for (; n > 0; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

void *
memchr(const void *s, int c, size_t n)
{
	const uchar *p = s;

	for (; n > 0; n--, p++)
		if (*p == (uchar)c)
			return (void *)p;
	return NULL;
}

size_t
strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != 0)
		n++;
	return n;
}

int
strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int
strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++)
		if (*a != *b || *a == 0)
			return (uchar)*a - (uchar)*b;
	return 0;
}

char *
strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (*s == 0)
			return NULL;
	return (char *)s;
}

char *
strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++ != 0);
	return (char *)last;
}

char *
strstr(const char *s, const char *what)
{
	size_t n = strlen(what);

	for (;; s++) {
		if (strncmp(s, what, n) == 0)
			return (char *)s;
		if (*s == 0)
			return NULL;
	}
}

char *
strcpy(char *dst, const char *src)
{
	memcpy(dst, src, strlen(src) + 1);
	return dst;
}

// As in C: no final 0 if src has n bytes or more, else zeros to the end.
char *
strncpy(char *dst, const char *src, size_t n)
{
	size_t len = strnlen(src, n);

	memcpy(dst, src, len);
	memset(dst + len, 0, n - len);
	return dst;
}

size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);
	size_t n = len < size ? len : size - 1;

	memcpy(dst, src, n);
	dst[n] = 0;
	return len;
}
