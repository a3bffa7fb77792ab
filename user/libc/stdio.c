// Streams: opening, closing, sending (user/libc/stream.h).
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static FILE in = { .fd = 0, .pushed = EOF };
static FILE out = { .fd = 1, .pushed = EOF, .buffering = _IOLBF };
static FILE err = { .fd = 2, .pushed = EOF, .buffering = _IONBF };
FILE *libc_files[3] = { &in, &out, &err };
static FILE *files; // the others

void (*libc_at_exit)(void); // atexit's, or NULL
void libc_finish(void);

int
libc_send(FILE *f)
{
	int done = 0, n;

	while (done < f->len) {
		n = write(f->fd, f->buf + done, f->len - done);
		if (n <= 0) {
			f->error = 1;
			f->len = 0;
			return EOF;
		}
		done += n;
	}
	f->len = 0;
	return 0;
}

int
libc_settle(FILE *f)
{
	int r = 0;

	if (f->mode == WRITING)
		r = libc_send(f);
	else if (f->mode == READING && f->pos < f->len)
		lseek(f->fd, f->pos - f->len, SEEK_CUR);
	f->mode = IDLE;
	f->pos = f->len = 0;
	f->pushed = EOF;
	return r;
}

int
fflush(FILE *f)
{
	int r = 0;

	if (f)
		return f->mode == WRITING ? libc_send(f) : 0;
	for (int i = 0; i < 3; i++)
		r |= fflush(libc_files[i]);
	for (f = files; f; f = f->next)
		r |= fflush(f);
	return r;
}

// The end of a program that uses streams: user/lib/crt.c calls it behind main.
void
libc_finish(void)
{
	if (libc_at_exit)
		libc_at_exit();
	fflush(NULL);
}

// ---- Open and close ---------------------------------------------------------

static int
open_flags(const char *mode)
{
	int plus = !!strchr(mode, '+');

	switch (mode[0]) {
	case 'r': return plus ? O_RDWR : O_RDONLY;
	case 'w': return (plus ? O_RDWR : O_WRONLY) | O_CREATE | O_TRUNC;
	case 'a': return (plus ? O_RDWR : O_WRONLY) | O_CREATE | O_APPEND;
	}
	errno = EINVAL;
	return -1;
}

FILE *
fdopen(int fd, const char *mode)
{
	FILE *f = calloc(1, sizeof(*f));

	(void)mode;
	if (!f)
		return NULL;
	f->fd = fd;
	f->pushed = EOF;
	f->next = files;
	files = f;
	return f;
}

FILE *
fopen(const char *path, const char *mode)
{
	int flags = open_flags(mode), fd = flags < 0 ? -1 : open(path, flags);
	FILE *f = fd < 0 ? NULL : fdopen(fd, mode);

	if (fd >= 0 && !f)
		close(fd);
	return f;
}

int
fclose(FILE *f)
{
	int r = libc_settle(f);
	FILE **p = &files;

	if (close(f->fd) < 0)
		r = EOF;
	while (*p && *p != f)
		p = &(*p)->next;
	if (*p) {
		*p = f->next;
		free(f);
	}
	return r;
}

FILE *
freopen(const char *path, const char *mode, FILE *f)
{
	int flags = open_flags(mode), fd;

	libc_settle(f);
	fd = flags < 0 || !path ? -1 : open(path, flags);
	if (fd < 0)
		return NULL;
	dup2(fd, f->fd);
	close(fd);
	f->eof = f->error = 0;
	return f;
}

char *
tmpnam(char *buf)
{
	static char own[L_tmpnam];
	static int number;

	buf = buf ? buf : own;
	sprintf(buf, "/tmp%d.%d", getpid(), number++);
	return buf;
}

// The name goes at once; the file lives as long as it is open.
FILE *
tmpfile(void)
{
	char name[L_tmpnam];
	FILE *f = fopen(tmpnam(name), "w+");

	if (f)
		unlink(name);
	return f;
}

int
remove(const char *path)
{
	return unlink(path);
}

int
fileno(FILE *f)
{
	return f->fd;
}

int
setvbuf(FILE *f, char *buf, int mode, size_t size)
{
	(void)buf;
	(void)size;
	f->buffering = mode;
	return 0;
}

void
setbuf(FILE *f, char *buf)
{
	setvbuf(f, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}
