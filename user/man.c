// man NAME: tells what a program does.
#include "user.h"

// The comments at the heads of user/*.c (tools/helplines.pl).
static const struct {
	const char *name, *text;
} pages[] = {
#include "man_pages.h"
};

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "NAME");
	if (argc != 2)
		usage("NAME");
	for (uint i = 0; i < countof(pages); i++) {
		if (strcmp(pages[i].name, argv[1]) != 0)
			continue;
		if (printf("%s", pages[i].text) < 0)
			err(1, "write");
		return 0;
	}
	errx(1, "no program is called %s (help lists all)", argv[1]);
}
