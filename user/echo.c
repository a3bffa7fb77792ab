// echo [-n] [TEXT...]: prints its arguments; -n: without a newline.
#include "user.h"

int
main(int argc, char *argv[])
{
	int first = argc > 1 && strcmp(argv[1], "-n") == 0 ? 2 : 1;
	char line[ARG_MAX + 2];
	size_t n = 0;

	for (int i = first; i < argc; i++) {
		if (i > first)
			line[n++] = ' ';
		n += strlcpy(line + n, argv[i], sizeof(line) - n);
		if (n + 1 >= sizeof(line)) // exec allows no more than ARG_MAX
			errx(1, "too many arguments");
	}
	if (first == 1)
		line[n++] = '\n';
	if (write_all(1, line, n) < 0)
		err(1, "write");
	return 0;
}
