// The printf family.
#include "format.h"
#include <stdio.h>
#include <string.h>

static void
to_file(void *arg, const char *s, size_t n)
{
	fwrite(s, 1, n, arg);
}

int
vfprintf(FILE *f, const char *fmt, va_list ap)
{
	int n = libc_format(to_file, f, fmt, ap);

	return ferror(f) ? -1 : n;
}

struct text {
	char *s;
	size_t n, size;
};

static void
to_text(void *arg, const char *s, size_t n)
{
	struct text *t = arg;
	size_t room = t->n + 1 < t->size ? t->size - 1 - t->n : 0;

	memcpy(t->s + t->n, s, n < room ? n : room);
	t->n += n < room ? n : room;
}

int
vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct text t = { buf, 0, size };
	int n = libc_format(to_text, &t, fmt, ap);

	if (size)
		buf[t.n] = 0;
	return n;
}

#define WITH_ARGUMENTS(call)                                                   \
	va_list ap;                                                            \
	int n;                                                                 \
                                                                               \
	va_start(ap, fmt);                                                     \
	n = call;                                                              \
	va_end(ap);                                                            \
	return n

int
vprintf(const char *fmt, va_list ap)
{
	return vfprintf(stdout, fmt, ap);
}

int
vsprintf(char *buf, const char *fmt, va_list ap)
{
	return vsnprintf(buf, 0x7fffffff, fmt, ap);
}

int
printf(const char *fmt, ...)
{
	WITH_ARGUMENTS(vfprintf(stdout, fmt, ap));
}

int
fprintf(FILE *f, const char *fmt, ...)
{
	WITH_ARGUMENTS(vfprintf(f, fmt, ap));
}

int
sprintf(char *buf, const char *fmt, ...)
{
	WITH_ARGUMENTS(vsnprintf(buf, 0x7fffffff, fmt, ap));
}

int
snprintf(char *buf, size_t size, const char *fmt, ...)
{
	WITH_ARGUMENTS(vsnprintf(buf, size, fmt, ap));
}
