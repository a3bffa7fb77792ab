// tail [-n LINES] [FILE...]: prints the last lines of files.
#include "user.h"

static int lines = 10;
static char **kept; // a ring of the last lines
static int seen;    // lines of this file

static bool
keep_line(const char *line, size_t len)
{
	char **slot = &kept[seen++ % lines];

	free(*slot);
	*slot = strdup(line);
	if (!*slot)
		err(1, "a line");
	return true;
}

static int
tail(int fd, const char *name)
{
	int r;

	seen = 0;
	if (lines == 0)
		return 0;
	r = for_each_line(fd, name, keep_line);
	for (int i = seen < lines ? 0 : seen - lines; i < seen; i++)
		if (puts(kept[i % lines]) < 0)
			err(1, "write");
	return r;
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
	kept = calloc(lines + 1, sizeof(*kept));
	if (!kept)
		err(1, "%d lines", lines);
	drop_options(&argc, &argv);
	return for_each_file(argc, argv, tail);
}
