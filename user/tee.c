// tee [-a] [FILE...]: copies its input to files; -a: appends.
#include "user.h"

static int files[NOFILE];
static const char *names[NOFILE];
static int count, status;

static void
open_file(const char *name, bool append)
{
	int flags = O_WRONLY | O_CREATE | (append ? O_APPEND : O_TRUNC);
	int fd = open(name, flags);

	if (fd < 0) {
		warn("%s", name);
		status = 1;
		return;
	}
	files[count] = fd;
	names[count++] = name;
}

// After a failed write the file is reported, and left out from then on.
static void
write_files(const char *buf, int n)
{
	for (int i = 0; i < count; i++) {
		if (files[i] < 0 || write_all(files[i], buf, n) == 0)
			continue;
		warn("%s", names[i]);
		files[i] = -1;
		status = 1;
	}
}

int
main(int argc, char *argv[])
{
	bool append = one_option(&argc, &argv, 'a', "[-a] [FILE...]");
	static char buf[4096];
	int n;

	files[count] = 1;
	names[count++] = "write";
	for (int i = 1; i < argc; i++)
		open_file(argv[i], append);
	while ((n = read(0, buf, sizeof(buf))) > 0)
		write_files(buf, n);
	if (n < 0)
		err(1, "read");
	return status;
}
