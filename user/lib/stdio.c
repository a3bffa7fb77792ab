// Output with a format, input by lines.
//
// printf collects its text in a buffer that lives for one call. So a line is
// one write, and no text is lost when a program is killed.
#include "user/user.h"

struct out {
	int fd;
	int n;       // bytes waiting in buf
	bool failed; // a write failed: drop the rest, errno says why
	char buf[256];
};

int
write_all(int fd, const void *buf, size_t n)
{
	const char *p = buf;

	while (n > 0) {
		int k = write(fd, p, min_uint(n, 1 << 20));

		if (k < 0)
			return -1;
		if (k == 0) { // no progress and no reason: the disk is full
			errno = ENOSPC;
			return -1;
		}
		p += k;
		n -= k;
	}
	return 0;
}

static void
out_flush(struct out *o)
{
	if (!o->failed && write_all(o->fd, o->buf, o->n) < 0)
		o->failed = true;
	o->n = 0;
}

static void
out_put(void *ctx, const char *s, size_t n)
{
	struct out *o = ctx;

	while (n > 0) {
		size_t k = min_uint(n, sizeof(o->buf) - o->n);

		memcpy(o->buf + o->n, s, k);
		o->n += k;
		s += k;
		n -= k;
		if (o->n == sizeof(o->buf))
			out_flush(o);
	}
}

int
vdprintf(int fd, const char *fmt, va_list ap)
{
	struct out o;
	int n;

	o.fd = fd;
	o.n = 0;
	o.failed = false;
	n = fmt_put(out_put, &o, fmt, ap);
	out_flush(&o);
	return o.failed ? -1 : n;
}

int
dprintf(int fd, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vdprintf(fd, fmt, ap);
	va_end(ap);
	return n;
}

int
printf(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vdprintf(1, fmt, ap);
	va_end(ap);
	return n;
}

int
puts(const char *s)
{
	return printf("%s\n", s);
}

int
putchar(int c)
{
	char byte = c;

	return write_all(1, &byte, 1) < 0 ? -1 : (uchar)c;
}

void
reader_init(struct reader *r, int fd)
{
	memset(r, 0, sizeof(*r));
	r->fd = fd;
}

void
reader_free(struct reader *r)
{
	free(r->line);
	r->line = NULL;
	r->size = 0;
}

// Adds n bytes of the buffer to the line that has len of them.
static int
line_add(struct reader *r, size_t len, size_t n)
{
	if (len + n + 1 > r->size) {
		size_t size = (len + n + 1) * 2;
		char *p = realloc(r->line, size);

		if (!p)
			return -1;
		r->line = p;
		r->size = size;
	}
	memcpy(r->line + len, r->buf + r->pos, n);
	r->line[len + n] = 0;
	r->pos += n;
	return 0;
}

int
reader_line(struct reader *r, size_t *len)
{
	size_t n = 0;

	for (;;) {
		char *begin = r->buf + r->pos, *nl;

		nl = memchr(begin, '\n', r->len - r->pos);
		if (line_add(r, n, nl ? nl - begin : r->len - r->pos) < 0)
			return -1;
		n += r->buf + r->pos - begin;
		if (nl) {
			r->pos++;
			break;
		}
		r->pos = 0;
		r->len = read(r->fd, r->buf, sizeof(r->buf));
		if (r->len <= 0) {
			bool failed = r->len < 0;

			r->len = 0;
			if (failed || n == 0)
				return failed ? -1 : 0;
			break;
		}
	}
	if (len)
		*len = n;
	return 1;
}
