// bench: system calls that do little, so that the way in and out dominates.
#include "bench.h"

static int fd;

static void
getpid_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		getpid();
}

static void
dup_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		MUST(close(dup(0)) == 0);
}

static void
file_prepare(const struct row *r)
{
	make_file("calls", PAGE);
	fd = open("calls", O_RDONLY);
	MUST(fd >= 0);
}

static void
file_restore(const struct row *r)
{
	MUST(close(fd) == 0);
	MUST(unlink("calls") == 0);
}

static void
seek_round(const struct row *r)
{
	char c;

	for (uint i = 0; i < r->ops; i++) {
		MUST(lseek(fd, i % PAGE, SEEK_SET) == (int)(i % PAGE));
		MUST(read(fd, &c, 1) == 1);
	}
}

static void
fstat_round(const struct row *r)
{
	struct stat st;

	for (uint i = 0; i < r->ops; i++)
		MUST(fstat(fd, &st) == 0);
}

static void
yield_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		yield();
}

const struct row call_rows[] = {
	{ "getpid", 2000, .round = getpid_round },
	{ "dup", 1000, .round = dup_round },
	{ "seek", 1000, 0, 0, file_prepare, seek_round, file_restore },
	{ "fstat", 1000, 0, 0, file_prepare, fstat_round, file_restore },
	{ "yield", 1000, .round = yield_round },
	{ .name = NULL },
};
