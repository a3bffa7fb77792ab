// grep [-vni] PATTERN [FILE...]: prints the lines that match.
//
// user/lib/match.h has the language of patterns. The exit status is 0 if a line
// matched, 1 if none did, and 2 after an error.
#include "user.h"
#include "user/lib/match.h"

static const char *pattern;
static bool inverted, numbered, any_case, many, found;
static const char *name; // of the file that is read
static int number;       // of the line

// Makes capitals small, in a copy of the line.
static const char *
small(const char *line)
{
	static char *copy;
	static size_t size;
	size_t n = strlen(line) + 1;

	if (n > size) {
		copy = realloc(copy, 2 * n);
		if (!copy)
			err(2, "a line");
		size = 2 * n;
	}
	for (size_t i = 0; i < n; i++)
		copy[i] = tolower((uchar)line[i]);
	return copy;
}

static bool
check_line(const char *line, size_t len)
{
	number++;
	if (match(pattern, any_case ? small(line) : line) == inverted)
		return true;
	found = true;
	if (many)
		printf("%s:", name);
	if (numbered)
		printf("%d:", number);
	if (printf("%s\n", line) < 0)
		err(2, "write");
	return true;
}

static int
grep(int fd, const char *file)
{
	name = file;
	number = 0;
	return for_each_line(fd, file, check_line);
}

int
main(int argc, char *argv[])
{
	int c;

	while ((c = getopt(argc, argv, "vni")) != -1) {
		if (c == 'v')
			inverted = true;
		else if (c == 'n')
			numbered = true;
		else if (c == 'i')
			any_case = true;
		else
			usage("[-vni] PATTERN [FILE...]");
	}
	drop_options(&argc, &argv);
	if (argc < 2)
		usage("[-vni] PATTERN [FILE...]");
	pattern = argv[1];
	for (char *s = argv[1]; any_case && *s != 0; s++)
		*s = tolower((uchar)*s);
	many = argc > 3;
	if (for_each_file(argc - 1, argv + 1, grep) != 0)
		return 2;
	return found ? 0 : 1;
}
