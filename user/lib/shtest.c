// The shell's test and [: a condition as a command.
//
//	-e -f -d -s FILE   is there, a file, a directory, not empty
//	-n -z TEXT         is not empty, is empty
//	A = B, A != B      texts; -eq -ne -lt -le -gt -ge: numbers
//	! CONDITION        not
#include "user/lib/shrun.h"
#include "user/user.h"

// Each returns 0 (it holds), 1, or 2 with a message.

static int
test_one(const char *op, const char *arg)
{
	struct stat st;

	if (strcmp(op, "-n") == 0)
		return arg[0] == 0;
	if (strcmp(op, "-z") == 0)
		return arg[0] != 0;
	if (op[0] != '-' || !op[1] || op[2] || !strchr("efds", op[1])) {
		warnx("test: %s: unknown", op);
		return 2;
	}
	if (stat(arg, &st) < 0)
		return 1;
	switch (op[1]) {
	case 'f': return st.type != T_FILE;
	case 'd': return st.type != T_DIR;
	case 's': return st.size == 0;
	default:  return 0;
	}
}

static int
test_numbers(const char *a, const char *op, const char *b)
{
	static const char *const ops[] = { "-eq", "-ne", "-lt",
					  "-le", "-gt", "-ge"};
	int x, y;
	uint i = 0;

	while (i < countof(ops) && strcmp(op, ops[i]) != 0)
		i++;
	if (i == countof(ops)) {
		warnx("test: %s: unknown", op);
		return 2;
	}
	if (parse_int(a, &x) < 0 || parse_int(b, &y) < 0) {
		warnx("test: %s %s %s: no numbers", a, op, b);
		return 2;
	}
	return !(bool[]){x == y, x != y, x<y, x <= y, x> y, x >= y}[i];
}

static int
test_two(const char *a, const char *op, const char *b)
{
	if (strcmp(op, "=") == 0 || strcmp(op, "==") == 0)
		return strcmp(a, b) != 0;
	if (strcmp(op, "!=") == 0)
		return strcmp(a, b) == 0;
	return test_numbers(a, op, b);
}

static int
test_words(int argc, char **argv)
{
	int r;

	if (argc > 0 && strcmp(argv[0], "!") == 0 && argc != 3) {
		r = test_words(argc - 1, argv + 1);
		return r > 1 ? r : !r;
	}
	switch (argc) {
	case 0:	 return 1;
	case 1:	 return argv[0][0] == 0;
	case 2:	 return test_one(argv[0], argv[1]);
	case 3:
		if (strcmp(argv[0], "!") != 0)
			return test_two(argv[0], argv[1], argv[2]);
		r = test_one(argv[1], argv[2]);
		return r > 1 ? r : !r;
	default: warnx("test: too many words"); return 2;
	}
}

int
sh_test(struct shell *sh, int argc, char **argv)
{
	if (strcmp(argv[0], "[") == 0) {
		if (strcmp(argv[argc - 1], "]") != 0) {
			warnx("[: ] is missing");
			return 2;
		}
		argc--;
	}
	return test_words(argc - 1, argv + 1);
}
