// env [NAME=VALUE]... [COMMAND...]: runs a command with variables.
//
// Without a command it prints the variables that programs get.
#include "user.h"

int
main(int argc, char *argv[])
{
	char *path;

	no_options(&argc, &argv, "[NAME=VALUE]... [COMMAND...]");
	for (; argc > 1 && strchr(argv[1], '='); argc--, argv++)
		if (putenv(argv[1]) < 0)
			err(1, "%s", argv[1]);
	if (argc > 1) {
		path = path_search(argv[1]);
		if (path)
			exec(path, argv + 1);
		err(errno == ENOENT ? 127 : 126, "%s", argv[1]);
	}
	for (char **e = environ; *e; e++)
		if (printf("%s\n", *e) < 0)
			err(1, "write");
	return 0;
}
