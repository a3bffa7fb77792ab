// The options of a command line, as POSIX's getopt reads them.
#include "user/user.h"

char *optarg;
int optind = 1;

// The letters of one argument that getopt has not returned yet.
static char *letters = "";

// Goes to the next argument if it has options. "-" alone is an operand, and
// "--" ends the options.
static bool
next_argument(int argc, char *argv[])
{
	if (optind >= argc || argv[optind][0] != '-' || argv[optind][1] == 0)
		return false;
	letters = argv[optind++] + 1;
	if (strcmp(letters, "-") != 0)
		return true;
	letters = "";
	return false;
}

int
getopt(int argc, char *argv[], const char *known)
{
	const char *found;

	optarg = NULL;
	if (*letters == 0 && !next_argument(argc, argv))
		return -1;
	found = *letters == ':' ? NULL : strchr(known, *letters);
	letters++;
	if (!found)
		return '?';
	if (found[1] != ':')
		return *found;
	optarg = *letters ? letters : argv[optind];
	if (*letters == 0 && optarg)
		optind++;
	letters = "";
	return optarg ? *found : '?';
}

void
drop_options(int *argc, char ***argv)
{
	*argc -= optind - 1;
	*argv += optind - 1;
}

bool
one_option(int *argc, char ***argv, char letter, const char *args)
{
	char known[] = { letter, 0 };
	bool given = false;
	int c;

	while ((c = getopt(*argc, *argv, known)) != -1) {
		if (c == '?')
			usage(args);
		given = true;
	}
	drop_options(argc, argv);
	return given;
}

int
lines_option(int *argc, char ***argv, int lines)
{
	const char *first = *argc > 1 ? (*argv)[1] : "", *number = NULL;
	int c;

	if (first[0] == '-' && isdigit(first[1])) {
		number = first + 1;
		optind = 2;
	}
	while ((c = getopt(*argc, *argv, "n:")) != -1) {
		if (c != 'n')
			usage("[-n LINES] [FILE...]");
		number = optarg;
	}
	if (number && (parse_int(number, &lines) < 0 || lines < 0))
		errx(1, "%s: not a number of lines", number);
	drop_options(argc, argv);
	return lines;
}

void
no_options(int *argc, char ***argv, const char *args)
{
	one_option(argc, argv, 0, args);
}

void
no_arguments(int argc, char *argv[])
{
	no_options(&argc, &argv, "");
	if (argc > 1)
		usage("");
}
