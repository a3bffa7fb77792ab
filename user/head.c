// head [-n LINES] [FILE...]: prints the first lines of files.
#include "user.h"

static int lines; // of each file
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
	lines = lines_option(&argc, &argv, 10);
	return for_each_file(argc, argv, head);
}
