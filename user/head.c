// head [-n LINES] [FILE...]: prints the first lines of files.
#include "user.h"

static int lines = 10;

static int
head(int fd, const char *name)
{
	struct reader in;
	int result = 1;

	reader_init(&in, fd);
	for (int i = 0; i < lines && result > 0; i++) {
		result = reader_line(&in, NULL);
		if (result > 0 && printf("%s\n", in.line) < 0)
			err(1, "write");
	}
	if (result < 0)
		warn("%s", name);
	reader_free(&in);
	return result;
}

int
main(int argc, char *argv[])
{
	int c;

	while ((c = getopt(argc, argv, "n:")) != -1) {
		if (c != 'n')
			usage("[-n LINES] [FILE...]");
		if (parse_int(optarg, &lines) < 0 || lines < 0)
			errx(1, "%s: not a number of lines", optarg);
	}
	drop_options(&argc, &argv);
	return for_each_file(argc, argv, head);
}
