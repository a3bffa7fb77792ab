// The end of a program, other programs, time, files of POSIX: from cr3's calls.
#include <errno.h>
#include <assert.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#undef exit
#undef sleep
#include <sys/stat.h>
#include <sys/wait.h>
#undef stat
#undef fstat
#undef mkdir

// cr3's own (user/user.h), whose names the headers give to others.
__attribute__((noreturn)) void exit(int status);
int exec(const char *path, char *const argv[]);
int waitpid(int pid, int *status, int options);
int sleep(int ticks);
int mkdir(const char *path);
extern void (*libc_at_exit)(void);
void libc_finish(void);
struct cr3_stat { short type; int dev; unsigned int ino; short nlink;
		  unsigned int size; };
int fstat(int fd, struct cr3_stat *st);
int stat(const char *path, struct cr3_stat *st);

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

int
libc_wait(int *status)
{
	return waitpid(-1, status, 0);
}

int
getpagesize(void)
{
	return 4096;
}

long
sysconf(int name)
{
	static const long values[] = { [_SC_PAGESIZE] = 4096,
				      [_SC_OPEN_MAX] = 32,
				      [_SC_CLK_TCK] = HZ,
				      [_SC_ARG_MAX] = 4096};

	if (name >= 0 && name < (int)(sizeof(values) / sizeof(values[0])))
		return values[name];
	errno = EINVAL;
	return -1;
}

int
usleep(unsigned int us)
{
	return sleep((us + 1000000 / HZ - 1) / (1000000 / HZ));
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

long
random(void)
{
	return rand();
}

void
srandom(unsigned int seed)
{
	srand(seed);
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

// ---- Locales ----------------------------------------------------------------

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
rmdir(const char *path)
{
	struct cr3_stat s;

	if (stat(path, &s) == 0 && s.type != 1) {
		errno = ENOTDIR;
		return -1;
	}
	return unlink(path);
}

int
creat(const char *path, ...)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC);
}

// A new file, whose name nobody else has got meanwhile.
int
mkstemp(char *name)
{
	static int number;
	size_t n = strlen(name);
	int fd = -1;

	errno = EINVAL;
	if (n < 6 || strcmp(name + n - 6, "XXXXXX") != 0)
		return -1;
	for (int i = 0; i < 1000 && fd < 0; i++) {
		snprintf(name + n - 6, 7, "%06d",
			 (getpid() * 1000 + number++) % 1000000);
		fd = open(name, O_RDWR | O_CREAT | O_EXCL);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

int
access(const char *path, int mode)
{
	struct cr3_stat s;

	(void)mode;
	return stat(path, &s);
}
