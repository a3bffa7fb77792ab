// bench: bytes through pipes, from process to process.
#include "bench.h"

enum { CALL = 4 * KB };

static int there[2], back[2], pid;

static void
open_pipes(void)
{
	MUST(pipe(there) == 0 && pipe(back) == 0);
}

// Ends the child, which reads from `there` until nobody can write to it.
static void
close_pipes(const struct row *r)
{
	close(there[0]);
	close(there[1]);
	close(back[0]);
	close(back[1]);
	bench_wait(pid);
}

// ---- A byte there and back, an operation is both ----------------------------
static void
echo_bytes(const struct row *r)
{
	char c;

	close(there[1]);
	while (read(there[0], &c, 1) == 1)
		MUST(write(back[1], &c, 1) == 1);
}

void
ping_prepare(const struct row *r)
{
	open_pipes();
	pid = bench_child(r, echo_bytes);
}

void
ping_round(const struct row *r)
{
	char c = 0;

	for (uint i = 0; i < r->ops; i++) {
		MUST(write(there[1], &c, 1) == 1);
		MUST(read(back[0], &c, 1) == 1);
	}
}

void
ping_restore(const struct row *r)
{
	close_pipes(r);
}

// ---- Many bytes, an operation is a KB ---------------------------------------
static void
swallow(const struct row *r)
{
	static char buf[CALL];
	uint n = 0;
	int got;

	close(there[1]);
	while ((got = read(there[0], buf, CALL)) > 0) {
		n += got;
		if (n == r->ops * KB)
			MUST(write(back[1], buf, 1) == 1);
	}
}

static void
stream_prepare(const struct row *r)
{
	open_pipes();
	pid = bench_child(r, swallow);
}

static void
stream_round(const struct row *r)
{
	static char buf[CALL];

	for (uint n = 0; n < r->ops * KB; n += CALL)
		MUST(write(there[1], buf, CALL) == CALL);
	MUST(read(back[0], buf, 1) == 1);
}

const struct row pipe_rows[] = {
	{ "pipe", 200, 0, 0, ping_prepare, ping_round, ping_restore },
	{ "pipe-kb", 1024, 0, 0, stream_prepare, stream_round, close_pipes },
	{ .name = NULL },
};
