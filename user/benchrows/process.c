// bench: a program is started, and the frames that a process occupies.
#include "bench.h"

enum { SLEEPERS = 16 };

void
exec_true(const struct row *r)
{
	static char *const argv[] = { "true", NULL };

	exec("/true", argv);
	err(1, "/true");
}

static void
exec_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		bench_wait(bench_child(r, exec_true));
}

static void
exec_sleep(const struct row *r)
{
	static char *const argv[] = { "sleep", "1000000", NULL };

	exec("/sleep", argv);
	err(1, "/sleep");
}

static uint
frames(void)
{
	struct meminfo m;

	MUST(meminfo(&m) == 0);
	return m.free + m.cached;
}

static void
start_sleepers(const struct row *r, int *pids, int count)
{
	for (int i = 0; i < count; i++) {
		pids[i] = bench_child(r, exec_sleep);
		sleep(2);
	}
}

// The kernel keeps the stacks of ended processes for new ones. The first
// sleepers use these stacks up, so that the second ones are counted whole.
static void
frames_round(const struct row *r)
{
	int pids[2 * SLEEPERS];
	uint before;

	start_sleepers(r, pids, SLEEPERS);
	before = frames();
	start_sleepers(r, pids + SLEEPERS, SLEEPERS);
	bench_ticks = before - frames();
	for (int i = 0; i < 2 * SLEEPERS; i++) {
		MUST(kill(pids[i]) == 0);
		MUST(waitpid(pids[i], NULL, 0) == pids[i]);
	}
}

const struct row process_rows[] = {
	{ "exec", 20, .round = exec_round },
	{ "frames", SLEEPERS, 0, ROW_COUNTS, .round = frames_round },
	{ .name = NULL },
};
