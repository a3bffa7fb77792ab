// bench: files that are made, opened, written, read and removed.
//
// The journal commits in groups and a file is durable after fsync or sync.
// restore syncs, so that a commit does not fall into a measured round.
#include "bench.h"

enum { FILES = 100, CALL = 4 * KB, LEN = 64 * KB };

static char buf[CALL];
static char names[FILES][NAME_MAX + 2]; // made before a round, so not measured
static int fd;

// The files are in the root directory, beside the programs.
static void
name_files(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		snprintf(names[i], sizeof(names[i]), "/bench.%u", i);
}

// ---- create, open, unlink: an operation is a file ---------------------------
static void
create_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++) {
		fd = open(names[i], O_WRONLY | O_CREATE);
		MUST(fd >= 0);
		MUST(write(fd, buf, KB) == KB);
		MUST(close(fd) == 0);
	}
}

static void
unlink_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++) {
		MUST(unlink(names[i]) == 0);
	}
}

static void
unlink_and_sync(const struct row *r)
{
	unlink_round(r);
	MUST(sync() == 0);
}

static void
create_and_sync(const struct row *r)
{
	name_files(r);
	create_round(r);
	MUST(sync() == 0);
}

static void
sync_after(const struct row *r)
{
	MUST(sync() == 0);
}

static void
open_prepare(const struct row *r)
{
	make_file("/bench.file", LEN);
}

static void
open_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++) {
		fd = open("/bench.file", O_RDONLY);
		MUST(fd >= 0);
		MUST(close(fd) == 0);
	}
}

static void
open_restore(const struct row *r)
{
	MUST(unlink("/bench.file") == 0);
	MUST(sync() == 0);
}

// ---- rewrite, read: an operation is a KB ------------------------------------
static void
content_prepare(const struct row *r)
{
	make_file("/bench.file", LEN);
	MUST(sync() == 0);
	fd = open("/bench.file", O_RDWR);
	MUST(fd >= 0);
}

static void
rewrite_round(const struct row *r)
{
	for (uint n = 0; n < r->ops * KB; n += CALL)
		MUST(write(fd, buf, CALL) == CALL);
}

static void
read_round(const struct row *r)
{
	for (uint n = 0; n < r->ops * KB; n += CALL)
		MUST(read(fd, buf, CALL) == CALL);
}

static void
content_restore(const struct row *r)
{
	MUST(close(fd) == 0);
	open_restore(r);
}

const struct row file_rows[] = {
	{ "create", FILES, 0, 0, name_files, create_round, unlink_and_sync },
	{ "open", 200, 0, 0, open_prepare, open_round, open_restore },
	{ "unlink", FILES, 0, 0, create_and_sync, unlink_round, sync_after },
	{ "rewrite", LEN / KB, 0, 0, content_prepare, rewrite_round,
	 content_restore},
	{"read", LEN / KB, 0, 0, content_prepare, read_round, content_restore},
	{ .name = NULL },
};
