// head: prints the first lines of files, ten unless told otherwise.
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
	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		if (parse_int(argv[2], &lines) < 0 || lines < 0)
			errx(1, "%s is no number of lines", argv[2]);
		argc -= 2;
		argv += 2;
	}
	no_options(&argc, &argv, "[-n LINES] [FILE...]");
	return for_each_file(argc, argv, head);
}
