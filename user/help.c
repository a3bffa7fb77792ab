// help: lists the programs.
#include "user.h"

// The first lines of user/*.c (tools/helplines.pl).
static const struct {
	const char *call, *text;
} programs[] = {
#include "help_lines.h"
};

int
main(int argc, char *argv[])
{
	no_arguments(argc, argv);
	printf("The shell knows a | b, < > >>, a && b, a || b, a ; b, a &, "
	       "( ), 'quotes',\n"
	       "$? and #, cd [DIRECTORY], exit [STATUS], and wait (for what "
	       "runs behind a &).\n");
	for (uint i = 0; i < countof(programs); i++)
		if (printf("%-32s %s\n", programs[i].call, programs[i].text) <
		    0)
			err(1, "write");
	return 0;
}
