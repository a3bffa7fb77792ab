// bench: how the cost grows with what there is; `size` is what varies.
#include "bench.h"

// ---- fork: size is MB of touched heap ---------------------------------------
#define FORK(mb)                                                               \
	{                                                                      \
		"fork-" #mb "m-grown", 4, mb, ROW_GROWTH, fork_prepare,        \
			fork_round, fork_restore                               \
	}

// ---- open: size is the number of files in the directory ---------------------
static void
open_prepare(const struct row *r)
{
	char name[NAME_MAX + 1];
	int fd;

	if (mkdir("many") < 0)
		return; // an earlier round has filled it
	MUST(chdir("many") == 0);
	for (int i = 0; i < r->size; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		fd = open(name, O_WRONLY | O_CREATE);
		MUST(fd >= 0);
		MUST(close(fd) == 0);
	}
	MUST(chdir("..") == 0);
}

// Spreads over the directory, so that no place in it is an advantage.
static void
open_round(const struct row *r)
{
	char name[PATH_MAX];

	for (uint i = 0; i < r->ops; i++) {
		int fd;

		snprintf(name, sizeof(name), "many/f%u",
			 (i * 7 + 3) % (r->size / 10) * 10 + i % 10);
		fd = open(name, O_RDONLY);
		MUST(fd >= 0);
		MUST(close(fd) == 0);
	}
}

#define OPEN(files)                                                            \
	{                                                                      \
		"open-" #files, 100, files, ROW_GROWTH, open_prepare,          \
			open_round, NULL                                       \
	}
const struct row growth_rows[] = {
	FORK(1), FORK(4), FORK(16), FORK(64), FORK(256),
	OPEN(10), OPEN(1000), OPEN(10000), { NULL },
};
