// What POSIX has beside ISO C: called by standard.c.
#include "other.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <pthread.h>
#include <regex.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static void
environment(void)
{
	char *e[] = { "A=1", "B=2", NULL };
	int status;

	assert(strcmp(getenv("HOME"), "/") == 0 && !getenv("HOM"));
	assert(setenv("HOME", "x", 0) == 0 && strcmp(getenv("HOME"), "/") == 0);
	assert(setenv("NEW", "v", 0) == 0 && setenv("NEW", "w", 1) == 0);
	assert(system("test $NEW = w") == 0);
	assert(unsetenv("NEW") == 0 && !getenv("NEW"));
	assert(setenv("A=B", "", 1) < 0 && errno == EINVAL);
	if (fork() == 0)
		execle("/sh", "sh", "-c", "exit $A$B", (char *)NULL, e);
	assert(wait(&status) > 0 && WEXITSTATUS(status) == 12);
	if (fork() == 0)
		execlp("sh", "sh", "-c", "exit 7", (char *)NULL);
	assert(wait(&status) > 0 && WEXITSTATUS(status) == 7);
	assert(execlp("no-such", "x", (char *)NULL) < 0 && errno == ENOENT);
	assert(getppid() > 0);
}

static void
directories(void)
{
	char path[64], text[] = "/a/b//", name[] = "tmpXXXXXX";
	int found = 0, fd;
	struct dirent *e;
	DIR *d;

	assert(mkdir("dd", 0777) == 0 && chdir("dd") == 0);
	assert(getcwd(path, sizeof(path)) && strcmp(path, "/dd") == 0);
	assert(!getcwd(path, 3) && errno == ERANGE);
	fd = creat("one", 0666);
	assert(fd >= 0 && close(fd) == 0);
	assert(open("one", O_CREAT | O_EXCL | O_RDWR, 0666) < 0);
	assert(errno == EEXIST);
	for (int turn = 0; turn < 2; turn++) {
		d = turn ? d : opendir(".");
		assert(d);
		while ((e = readdir(d)))
			found += strcmp(e->d_name, "one") == 0;
		rewinddir(d);
	}
	assert(found == 2 && closedir(d) == 0);
	assert(!opendir("one") && errno == ENOTDIR);
	assert((fd = mkstemp(name)) >= 0 && access(name, F_OK) == 0);
	assert(close(fd) == 0 && unlink(name) == 0);
	assert(rmdir("one") < 0 && errno == ENOTDIR && unlink("one") == 0);
	assert(chdir("/") == 0 && rmdir("/dd") == 0);
	assert(strcmp(basename(text), "b") == 0);
	assert(strcmp(dirname(text), "/a") == 0);
}

// The status of echo, whose output goes to fd and is closed by exec, or not.
static int
status_of_echo(int fd, int how)
{
	int status;

	if (fork() == 0) {
		dup2(fd, 1);
		dup2(fd, 2);
		fcntl(1, F_SETFD, how);
		execl("/echo", "echo", "hello", (char *)NULL);
	}
	assert(wait(&status) > 0);
	return status;
}

static void
descriptors(void)
{
	int fd = open("/sh", O_RDONLY | O_CLOEXEC), copy;
	int null = open("/dev/null", O_RDWR);
	char *p;

	assert(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	copy = fcntl(fd, F_DUPFD, 20);
	assert(copy == 20 && fcntl(copy, F_GETFD) == 0);
	assert(fcntl(copy, F_SETFD, FD_CLOEXEC) == 0);
	assert(fcntl(copy, F_SETFD, 0) == 0);
	assert(status_of_echo(null, 0) == 0);
	assert(status_of_echo(null, FD_CLOEXEC) != 0);
	assert(read(null, &copy, 1) == 0 && write(null, "x", 1) == 1);
	assert(fcntl(1, F_GETFL) == O_RDWR || fcntl(1, F_GETFL) == O_WRONLY);
	assert(fcntl(99, F_GETFD) < 0 && errno == EBADF);
	assert(fcntl(fd, 77) < 0 && errno == EINVAL);
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	assert(p != MAP_FAILED && memcmp(p, "\177ELF", 4) == 0);
	assert(munmap(p, 4096) == 0 && close(fd) == 0 && close(copy) == 0);
}

static void *
count(void *arg)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&m);
		++*(int *)arg;
		pthread_mutex_unlock(&m);
		if (i % 100 == 0)
			sched_yield();
	}
	return NULL;
}

static void
threads(void)
{
	pthread_t t[3];
	int n = 0;
	sem_t s;

	for (int i = 0; i < 3; i++)
		assert(pthread_create(&t[i], NULL, count, &n) == 0);
	for (int i = 0; i < 3; i++)
		assert(pthread_join(t[i], NULL) == 0);
	assert(n == 3000);
	assert(sem_init(&s, 0, 1) == 0 && sem_wait(&s) == 0);
	assert(sem_trywait(&s) < 0 && errno == EAGAIN);
}

static void
dates(void)
{
	struct tm tm = { .tm_mday = 29, .tm_mon = 1, .tm_year = 124 };
	time_t t = mktime(&tm), now = time(NULL);
	struct timespec ts;
	struct timeval tv;
	char text[64];

	assert(t == 1709164800 && tm.tm_wday == 4 && tm.tm_yday == 59);
	assert(strftime(text, sizeof(text), "%F %a", gmtime(&t)) == 14);
	assert(strcmp(text, "2024-02-29 Thu") == 0);
	assert(strcmp(ctime(&t), "Thu Feb 29 00:00:00 2024\n") == 0);
	assert(now > 1700000000 && gettimeofday(&tv, NULL) == 0);
	assert(tv.tv_sec >= now && tv.tv_usec < 1000000);
	assert(clock_gettime(CLOCK_MONOTONIC, &ts) == 0 && ts.tv_sec < now);
	ts = (struct timespec){ 0, 20000000 };
	assert(nanosleep(&ts, NULL) == 0 && usleep(1) == 0);
}

static void
terminal(void)
{
	struct termios saved, raw;
	struct utsname u;
	struct winsize w;

	assert(uname(&u) == 0 && strcmp(u.sysname, "cr3") == 0);
	if (!isatty(1)) {
		assert(ioctl(1, TIOCGWINSZ, &w) < 0 && errno == ENOTTY);
		assert(tcgetattr(1, &saved) < 0);
		return;
	}
	assert(ioctl(1, TIOCGWINSZ, &w) == 0 && w.ws_row == 24);
	assert(w.ws_col == 80 && tcgetattr(1, &saved) == 0);
	raw = saved;
	raw.c_lflag &= ~(ECHO | ICANON | IEXTEN | ISIG);
	assert(tcsetattr(1, TCSAFLUSH, &raw) == 0);
	assert(tcsetattr(1, TCSAFLUSH, &saved) == 0);
	w.ws_row = 40;
	assert(ioctl(1, TIOCSWINSZ, &w) == 0 && ioctl(1, TIOCGWINSZ, &w) == 0);
	assert(w.ws_row == 40);
	w.ws_row = 24;
	assert(ioctl(1, TIOCSWINSZ, &w) == 0);
}

static void
texts(void)
{
	char buf[32], *s = buf;
	regmatch_t m[3];
	regex_t r;
	int n = 0;
	FILE *f;

	assert(sscanf("12 ab", "%d %31s", &n, buf) == 2 && n == 12);
	assert(regcomp(&r, "(a+)(b*)", REG_EXTENDED) == 0 && r.re_nsub == 2);
	assert(regexec(&r, "xaabb", 3, m, 0) == 0);
	assert(m[0].rm_so == 1 && m[1].rm_eo == 3 && m[2].rm_eo == 5);
	regfree(&r);
	f = popen("echo one two", "r");
	assert(f && fscanf(f, "%31s", buf) == 1 && strcmp(buf, "one") == 0);
	assert(pclose(f) == 0);
	strcpy(buf, "a,,b");
	assert(strcmp(strsep(&s, ","), "a") == 0 && *strsep(&s, ",") == 0);
	assert(strcmp(stpcpy(buf, "ab") - 2, "ab") == 0);
	assert(strcasestr("xABy", "ab") && memmem("abc", 3, "bc", 2));
	assert(index("abc", 'b') && strlcat(buf, "cdef", 5) == 6);
	assert(sysconf(_SC_PAGESIZE) == getpagesize());
	snprintf(buf, sizeof(buf), "%" PRIu64, (uint64_t)1 << 40);
	assert(strcmp(buf, "1099511627776") == 0);
}

void
posix(void)
{
	environment();
	directories();
	descriptors();
	threads();
	dates();
	terminal();
	texts();
}
