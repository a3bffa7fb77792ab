// head [-n LINES] [FILE...]: prints the first lines of files.
#include "user.h"

static int lines = 10; // of each file
static int left;       // of this one

static bool
print_line(const char *line, size_t len)
{
	if (printf("%s\n", line) < 0)
		err(1, "write");
	return --left > 0;
}

static int
head(int fd, const char *name)
{
	left = lines;
	return lines > 0 ? for_each_line(fd, name, print_line) : 0;
}

int
main(int argc, char *argv[])
{
	int c;

	if (argc > 1 && argv[1][0] == '-' && isdigit(argv[1][1])) {
		lines = atoi(argv[1] + 1);
		argv[1] = argv[0];
		argc--, argv++;
	}
	while ((c = getopt(argc, argv, "n:")) != -1) {
		if (c != 'n')
			usage("[-n LINES] [FILE...]");
		if (parse_int(optarg, &lines) < 0 || lines < 0)
			errx(1, "%s: not a number of lines", optarg);
	}
	drop_options(&argc, &argv);
	return for_each_file(argc, argv, head);
}
