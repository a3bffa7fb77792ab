// date [+FORMAT]: prints the date and time, UTC.
//
// In FORMAT %Y %m %d %H %M %S and others stand for parts of the date
// (user/lib/date.h); %s: seconds since 1970.
#include "user.h"
#include "abi/info.h"
#include "user/lib/date.h"

int
main(int argc, char *argv[])
{
	const char *format = "%a %b %e %H:%M:%S %Z %Y";
	struct wall_time now;
	struct date date;
	char text[512];

	no_options(&argc, &argv, "[+FORMAT]");
	if (argc > 2 || (argc == 2 && argv[1][0] != '+'))
		usage("[+FORMAT]");
	if (argc == 2)
		format = argv[1] + 1;
	if (gettime(&now) < 0)
		err(1, "time");
	date_of(now.seconds, &date);
	if (date_format(text, sizeof(text), format, &date) == 0 && *format)
		errx(1, "the format is too long");
	if (puts(text) < 0)
		err(1, "write");
	return 0;
}
