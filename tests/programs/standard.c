// A program as others write them: only headers with the standard names. Built
// by tests/boot/test_programs.py with EXTRA_SRC=tests/programs NAME=standard.
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "other.h"

static jmp_buf back;

static void
jump(int n)
{
	if (n == 0)
		longjmp(back, 7);
	jump(n - 1);
}

static void
last_words(void)
{
	printf("the end\n"); // without a newline at the exit it is lost
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
files(void)
{
	struct stat st;
	char *line = NULL, buf[16];
	size_t size = 0;
	FILE *f = fopen("file", "w+");

	assert(f);
	fprintf(f, "%s %d\nsecond\n", "first", 1);
	rewind(f);
	assert(getline(&line, &size, f) == 8 && strcmp(line, "first 1\n") == 0);
	assert(fgets(buf, sizeof(buf), f) && strcmp(buf, "second\n") == 0);
	assert(fgetc(f) == EOF && feof(f));
	fseek(f, 6, SEEK_SET);
	assert(getc(f) == '1' && ungetc('2', f) == '2' && getc(f) == '2');
	fseek(f, 0, SEEK_CUR);
	fputs("+", f);
	assert(ftell(f) == 8 && fclose(f) == 0);
	assert(stat("file", &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size == 15);
	assert(!fopen("none", "r") && errno == ENOENT);
	assert(remove("file") == 0 && access("file", F_OK) < 0);
}

static void
strings(void)
{
	char text[] = "one, two;three", *rest, *words[3] = { "c", "a", "b" };
	char *key = "b", *end;
	int n = 0;

	for (char *w = strtok_r(text, ", ;", &rest); w;
	     w = strtok_r(NULL, ", ;", &rest))
		n += strlen(w);
	assert(n == 11 && strspn("aab", "a") == 2 && strcspn("aab", "b") == 2);
	assert(strpbrk("abc", "xc") && !strpbrk("abc", "x"));
	qsort(words, 3, sizeof(*words), compare);
	assert(*(char **)bsearch(&key, words, 3, sizeof(*words), compare) ==
	       words[1]);
	assert(strtod("1.5e1x", &end) == 15 && *end == 'x');
	assert(strtoll("-9000000000", NULL, 10) / 7 == -1285714285);
	assert(isxdigit('f') && ispunct('.') && !iscntrl('a'));
}

int
main(int argc, char **argv)
{
	static int turns;

	atexit(last_words);
	if (setjmp(back) == 0)
		jump(10);
	else
		turns++;
	assert(turns == 1);
	files();
	strings();
	posix();
	assert(signal(SIGINT, SIG_DFL) == SIG_ERR && getenv("PATH"));
	assert(strcmp(localeconv()->decimal_point, ".") == 0);
	assert(time(NULL) >= 0 && clock() >= 0 && INT_MAX > 0);
	assert(system("exit 3") >> 8 == 3 && isatty(0));
	printf("%s %d %.3f %g %lld", argv[1], argc, sqrt(2), pow(2, 100),
	       1LL << 40);
	printf(" %d\n", other(20));
	return 0;
}
