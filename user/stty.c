// stty [rows N] [cols N]: how many rows and columns programs may use.
//
// The console starts with 24 and 80. Without arguments it prints the two.
#include "user.h"
#include "abi/system.h"

#define ARGS "[rows N] [cols N]"

static void
set(struct winsize *w, const char *what, const char *value)
{
	int n;

	if (parse_int(value, &n) < 0 || n < 1 || n > 1000)
		errx(1, "%s is no number of rows or columns", value);
	if (strcmp(what, "rows") == 0)
		w->ws_row = n;
	else if (strcmp(what, "cols") == 0 || strcmp(what, "columns") == 0)
		w->ws_col = n;
	else
		usage(ARGS);
}

int
main(int argc, char *argv[])
{
	struct winsize w;

	no_options(&argc, &argv, ARGS);
	if (argc % 2 == 0)
		usage(ARGS);
	if (winsize(0, &w, false) < 0)
		err(1, "the console");
	for (int i = 1; i < argc; i += 2)
		set(&w, argv[i], argv[i + 1]);
	if (argc > 1 && winsize(0, &w, true) < 0)
		err(1, "the console");
	if (argc == 1 &&
	    printf("rows %d; columns %d\n", w.ws_row, w.ws_col) < 0)
		err(1, "write");
	return 0;
}
