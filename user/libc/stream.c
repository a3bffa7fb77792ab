// Streams: reading, writing, the position.
#include "stream.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- Reading ----------------------------------------------------------------

static int
fill(FILE *f)
{
	if (f->mode == WRITING)
		libc_settle(f);
	if (f == stdin)
		fflush(stdout);
	f->mode = READING;
	f->pos = 0;
	f->len = read(f->fd, f->buf, sizeof(f->buf));
	if (f->len > 0)
		return 0;
	f->eof |= f->len == 0;
	f->error |= f->len < 0;
	f->len = 0;
	return EOF;
}

int
fgetc(FILE *f)
{
	int c = f->pushed;

	f->pushed = EOF;
	if (c != EOF)
		return c;
	if ((f->mode != READING || f->pos == f->len) && fill(f) == EOF)
		return EOF;
	return (unsigned char)f->buf[f->pos++];
}

int
getc(FILE *f)
{
	return fgetc(f);
}

int
getchar(void)
{
	return fgetc(stdin);
}

int
ungetc(int c, FILE *f)
{
	if (c == EOF || f->pushed != EOF)
		return EOF;
	f->eof = 0;
	return f->pushed = (unsigned char)c;
}

size_t
fread(void *to, size_t size, size_t count, FILE *f)
{
	size_t want = size * count, done = 0;
	char *p = to;
	int c;

	while (done < want) {
		size_t have = f->mode == READING ? f->len - f->pos : 0;

		if (f->pushed == EOF && have > 0) {
			have = have < want - done ? have : want - done;
			memcpy(p + done, f->buf + f->pos, have);
			f->pos += have;
			done += have;
		} else if ((c = fgetc(f)) != EOF) {
			p[done++] = c;
		} else {
			break;
		}
	}
	return size ? done / size : 0;
}

char *
fgets(char *buf, int size, FILE *f)
{
	int n = 0, c = 0;

	while (n < size - 1 && c != '\n' && (c = fgetc(f)) != EOF)
		buf[n++] = c;
	buf[n] = 0;
	return n > 0 ? buf : NULL;
}

long
getline(char **line, size_t *size, FILE *f)
{
	size_t n = 0;
	int c = 0;

	while (c != '\n' && (c = fgetc(f)) != EOF) {
		if (!*line || n + 2 > *size) {
			char *p = realloc(*line, 2 * n + 128);

			if (!p)
				return -1;
			*line = p;
			*size = 2 * n + 128;
		}
		(*line)[n++] = c;
		(*line)[n] = 0;
	}
	return n > 0 ? (long)n : -1;
}

// ---- Writing ----------------------------------------------------------------

size_t
fwrite(const void *from, size_t size, size_t count, FILE *f)
{
	const char *s = from;
	size_t n = size * count, done = 0;

	if (f->mode == READING)
		libc_settle(f);
	f->mode = WRITING;
	while (done < n) {
		size_t part = sizeof(f->buf) - f->len;

		part = part < n - done ? part : n - done;
		memcpy(f->buf + f->len, s + done, part);
		f->len += part;
		done += part;
		if (f->len == sizeof(f->buf) && libc_send(f) == EOF)
			return 0;
	}
	if (f->buffering == _IONBF ||
	    (f->buffering == _IOLBF && memchr(from, '\n', n)))
		libc_send(f);
	return f->error ? 0 : count;
}

int
fputc(int c, FILE *f)
{
	char byte = c;

	return fwrite(&byte, 1, 1, f) == 1 ? (unsigned char)c : EOF;
}

int
putc(int c, FILE *f)
{
	return fputc(c, f);
}

int
putchar(int c)
{
	return fputc(c, stdout);
}

int
fputs(const char *s, FILE *f)
{
	return fwrite(s, 1, strlen(s), f) == strlen(s) ? 0 : EOF;
}

int
puts(const char *s)
{
	return fputs(s, stdout) == EOF || fputc('\n', stdout) == EOF ? EOF : 0;
}

void
perror(const char *s)
{
	fprintf(stderr, "%s: %s\n", s, strerror(errno));
}

// ---- Position ---------------------------------------------------------------

int
fseek(FILE *f, long off, int whence)
{
	if (libc_settle(f) || lseek(f->fd, off, whence) < 0)
		return -1;
	f->eof = 0;
	return 0;
}

long
ftell(FILE *f)
{
	long at = lseek(f->fd, 0, SEEK_CUR);

	if (at < 0)
		return -1;
	return f->mode == WRITING ? at + f->len
				  : at - (f->len - f->pos) - (f->pushed != EOF);
}

void
rewind(FILE *f)
{
	fseek(f, 0, SEEK_SET);
	f->error = 0;
}

int
fgetpos(FILE *f, fpos_t *at)
{
	*at = ftell(f);
	return *at < 0 ? -1 : 0;
}

int
fsetpos(FILE *f, const fpos_t *at)
{
	return fseek(f, *at, SEEK_SET);
}

int
feof(FILE *f)
{
	return f->eof;
}

int
ferror(FILE *f)
{
	return f->error;
}

void
clearerr(FILE *f)
{
	f->eof = f->error = 0;
}
