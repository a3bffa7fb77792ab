// grep: prints the lines in which a pattern occurs (user/lib/match.h).
//
// Exit status 0 if there was one, 1 if not, 2 after an error.
#include "user.h"
#include "user/lib/match.h"

static const char *pattern;
static bool inverted, numbered, many, found;

static void
print_line(const char *name, int number, const char *line)
{
	int n;

	if (many)
		printf("%s:", name);
	if (numbered)
		printf("%d:", number);
	n = printf("%s\n", line);
	if (n < 0)
		err(2, "write");
}

static int
grep(int fd, const char *name)
{
	struct reader in;
	int result;

	reader_init(&in, fd);
	for (int number = 1; (result = reader_line(&in, NULL)) > 0; number++) {
		if (match(pattern, in.line) == inverted)
			continue;
		found = true;
		print_line(name, number, in.line);
	}
	if (result < 0)
		warn("%s", name);
	reader_free(&in);
	return result;
}

int
main(int argc, char *argv[])
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
		if (strcmp(argv[i], "-v") == 0)
			inverted = true;
		else if (strcmp(argv[i], "-n") == 0)
			numbered = true;
		else
			break;
	}
	argc -= i - 1;
	argv += i - 1;
	no_options(&argc, &argv, "[-v] [-n] PATTERN [FILE...]");
	if (argc < 2)
		usage("[-v] [-n] PATTERN [FILE...]");
	pattern = argv[1];
	many = argc > 3;
	if (for_each_file(argc - 1, argv + 1, grep) != 0)
		return 2;
	return found ? 0 : 1;
}
