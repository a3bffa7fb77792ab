// The end of a program, other programs, time, files of POSIX: from cr3's calls.
#include <errno.h>
#include <assert.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#undef exit
#undef sleep
#include <sys/stat.h>
#undef stat
#undef fstat
#undef mkdir

// cr3's own (user/user.h), whose names the headers give to others.
__attribute__((noreturn)) void exit(int status);
int exec(const char *path, char *const argv[]);
int waitpid(int pid, int *status, int options);
int sleep(int ticks);
int uptime(void);
int mkdir(const char *path);
extern void (*libc_at_exit)(void);
void libc_finish(void);
struct cr3_stat { short type; int dev; unsigned int ino; short nlink;
		  unsigned int size; };
int fstat(int fd, struct cr3_stat *st);
int stat(const char *path, struct cr3_stat *st);
int open(const char *path, int flags);

#define HZ 100

// ---- The end ----------------------------------------------------------------

static void (*at_exit[32])(void);
static int count;

static void
call_all(void)
{
	while (count > 0)
		at_exit[--count]();
}

int
atexit(void (*fn)(void))
{
	if (count == 32)
		return -1;
	libc_at_exit = call_all;
	at_exit[count++] = fn;
	return 0;
}

void
libc_exit(int status)
{
	libc_finish();
	exit(status);
}

void
_exit(int status)
{
	exit(status);
}

void
_Exit(int status)
{
	exit(status);
}

void
libc_assert(const char *c, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, c);
	fflush(NULL);
	abort();
}

// ---- Other programs ---------------------------------------------------------

int
execv(const char *path, char *const argv[])
{
	fflush(NULL);
	return exec(path, argv);
}

int
execvp(const char *name, char *const argv[])
{
	char path[FILENAME_MAX];

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/",
		 name);
	return execv(path, argv);
}

int
system(const char *command)
{
	char *argv[] = { "sh", "-c", (char *)command, NULL };
	int status = -1, pid;

	if (!command)
		return 1;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		exec("/sh", argv);
		exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status;
}

char *
getenv(const char *name)
{
	(void)name;
	return NULL;
}

unsigned int
libc_sleep(unsigned int seconds)
{
	sleep(seconds * HZ);
	return 0;
}

// ---- Numbers, sorting -------------------------------------------------------

long
atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long
labs(long n)
{
	return n < 0 ? -n : n;
}

long long
llabs(long long n)
{
	return n < 0 ? -n : n;
}

div_t
div(int a, int b)
{
	return (div_t){ a / b, a % b };
}

ldiv_t
ldiv(long a, long b)
{
	return (ldiv_t){ a / b, a % b };
}

void *
bsearch(const void *key, const void *base, size_t n, size_t size,
	int (*cmp)(const void *a, const void *b))
{
	const char *low = base;

	while (n > 0) {
		const char *middle = low + n / 2 * size;
		int r = cmp(key, middle);

		if (r == 0)
			return (void *)middle;
		if (r > 0) {
			low = middle + size;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return NULL;
}

// ---- Time -------------------------------------------------------------------

time_t
time(time_t *t)
{
	time_t now = uptime() / HZ;

	if (t)
		*t = now;
	return now;
}

clock_t
clock(void)
{
	return uptime();
}

double
difftime(time_t a, time_t b)
{
	return a - b;
}

// The machine's start is the first of January 1970.
struct tm *
gmtime(const time_t *t)
{
	static struct tm tm;

	tm = (struct tm){.tm_sec = *t % 60,
			 .tm_min = *t / 60 % 60,
			 .tm_hour = *t / 3600 % 24,
			 .tm_mday = 1 + *t / 86400,
			 .tm_year = 70,
			 .tm_yday = *t / 86400};
	return &tm;
}

struct tm *
localtime(const time_t *t)
{
	return gmtime(t);
}

time_t
mktime(struct tm *tm)
{
	return tm->tm_sec + 60 * tm->tm_min + 3600 * tm->tm_hour +
	       86400 * (tm->tm_mday - 1);
}

size_t
strftime(char *buf, size_t size, const char *fmt, const struct tm *tm)
{
	size_t n = 0;

	for (; *fmt && n + 8 < size; fmt++) {
		if (*fmt != '%' || !fmt[1]) {
			buf[n++] = *fmt;
			continue;
		}
		switch (*++fmt) {
		case 'H': n += sprintf(buf + n, "%02d", tm->tm_hour); break;
		case 'M': n += sprintf(buf + n, "%02d", tm->tm_min); break;
		case 'S': n += sprintf(buf + n, "%02d", tm->tm_sec); break;
		case 'd': n += sprintf(buf + n, "%02d", tm->tm_mday); break;
		case 'm': n += sprintf(buf + n, "%02d", tm->tm_mon + 1); break;
		case 'Y':
			n += sprintf(buf + n, "%d", tm->tm_year + 1900);
			break;
		default:  buf[n++] = *fmt;
		}
	}
	buf[n] = 0;
	return *fmt ? 0 : n;
}

char *
setlocale(int category, const char *locale)
{
	(void)category;
	return !locale || !*locale || strcmp(locale, "C") == 0 ? "C" : NULL;
}

struct lconv *
localeconv(void)
{
	static struct lconv c = { ".", "", "" };

	return &c;
}

// ---- Files ------------------------------------------------------------------

static int
convert(int r, const struct cr3_stat *from, struct stat *st)
{
	static const mode_t modes[] = { S_IFREG, S_IFDIR, S_IFREG, S_IFCHR };

	*st = (struct stat){ .st_mode = modes[from->type & 3] | 0777,
			    .st_dev = from->dev,
			    .st_ino = from->ino,
			    .st_nlink = from->nlink,
			    .st_size = from->size};
	return r;
}

int
libc_stat(const char *path, struct stat *st)
{
	struct cr3_stat s = { .type = 0 };
	int r = stat(path, &s);

	return convert(r, &s, st);
}

int
libc_fstat(int fd, struct stat *st)
{
	struct cr3_stat s = { .type = 0 };
	int r = fstat(fd, &s);

	return convert(r, &s, st);
}

int
libc_mkdir(const char *path)
{
	return mkdir(path);
}

int
isatty(int fd)
{
	struct cr3_stat s;

	return fstat(fd, &s) == 0 && s.type == 3;
}

int
access(const char *path, int mode)
{
	struct cr3_stat s;

	(void)mode;
	return stat(path, &s);
}
