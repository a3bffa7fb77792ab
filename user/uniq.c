// uniq [-c] [FILE]: prints equal lines once; -c: and how often.
#include "user.h"

static char *last; // NULL: there was none
static uint times;
static bool counts;

static void
print_last(void)
{
	if (!last)
		return;
	if (counts)
		printf("%7u ", times);
	if (puts(last) < 0)
		err(1, "write");
}

static bool
next_line(const char *line, size_t len)
{
	if (last && strcmp(line, last) == 0) {
		times++;
		return true;
	}
	print_last();
	free(last);
	last = strdup(line);
	if (!last)
		err(1, "a line");
	times = 1;
	return true;
}

static int
uniq(int fd, const char *name)
{
	return for_each_line(fd, name, next_line);
}

int
main(int argc, char *argv[])
{
	int status;

	counts = one_option(&argc, &argv, 'c', "[-c] [FILE]");
	if (argc > 2)
		usage("[-c] [FILE]");
	status = for_each_file(argc, argv, uniq);
	print_last();
	return status;
}
