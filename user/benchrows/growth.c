// bench: how the cost grows with what there is; `size` is what varies.
#include "bench.h"

enum { PROCESSES = 512 };

static int pids[PROCESSES];

// ---- open: size is the number of files in the directory ---------------------
static void
open_prepare(const struct row *r)
{
	char name[NAME_MAX + 1];

	if (mkdir("many") < 0)
		return; // an earlier round has filled it
	MUST(chdir("many") == 0);
	for (int i = 0; i < r->size; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		make_file(name, 0);
	}
	MUST(chdir("..") == 0 && sync() == 0);
}

// Opens files from all parts of the directory, its first and its last one too.
static void
open_round(const struct row *r)
{
	char name[PATH_MAX];

	for (uint i = 0; i < r->ops; i++) {
		int fd;

		snprintf(name, sizeof(name), "many/f%u",
			 i * (r->size - 1) / (r->ops - 1));
		fd = open(name, O_RDONLY);
		MUST(fd >= 0);
		MUST(close(fd) == 0);
	}
}

// ---- Other processes: size is how many there are ----------------------------
static void
keep_yielding(const struct row *r)
{
	for (;;)
		yield();
}

static void
keep_sleeping(const struct row *r)
{
	for (;;)
		sleep(1000000);
}

static void
start_others(const struct row *r, void (*body)(const struct row *r))
{
	for (int i = 0; i < r->size; i++)
		pids[i] = bench_child(r, body);
	sleep(2); // all of them have begun
}

static void
end_others(const struct row *r)
{
	for (int i = 0; i < r->size; i++)
		MUST(kill(pids[i]) == 0);
	for (int i = 0; i < r->size; i++)
		MUST(waitpid(pids[i], NULL, 0) == pids[i]);
}

static void
switch_prepare(const struct row *r)
{
	start_others(r, keep_yielding);
}

// Each yield of this process runs all the others once.
static void
switch_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i += r->size + 1)
		yield();
}

static void
wakeup_prepare(const struct row *r)
{
	start_others(r, keep_sleeping);
	ping_prepare(r);
}

static void
wakeup_restore(const struct row *r)
{
	ping_restore(r);
	end_others(r);
}

// ---- Frames -----------------------------------------------------------------
static void
kernel_round(const struct row *r)
{
	struct meminfo m;

	MUST(meminfo(&m) == 0);
	bench_ticks = m.total - m.free - m.cached;
}

static void
idle_round(const struct row *r)
{
	kernel_round(r);

	uint before = bench_ticks;

	start_others(r, keep_sleeping);
	kernel_round(r);
	bench_ticks -= before;
	end_others(r);
}

#define FORK(mb)                                                               \
	{                                                                      \
		"grow-fork-" #mb, 4, mb, ROW_GROWTH, fork_prepare, fork_round, \
			fork_restore                                           \
	}
#define OPEN(files)                                                            \
	{                                                                      \
		"grow-open-" #files, 100, files, ROW_GROWTH, open_prepare,     \
			open_round, NULL                                       \
	}
// `others` and this process are ready.
#define SWITCH(all, others)                                                    \
	{                                                                      \
		"grow-switch-" #all, 20 * all, others, ROW_GROWTH,             \
			switch_prepare, switch_round, end_others               \
	}
#define WAKEUP(all, others)                                                    \
	{                                                                      \
		"grow-wakeup-" #all, 200, others, ROW_GROWTH, wakeup_prepare,  \
			ping_round, wakeup_restore                             \
	}
const struct row growth_rows[] = {
	{ "grow-kernel", 1, 0, ROW_GROWTH | ROW_COUNTS, .round = kernel_round },
	{ "grow-idle", 500, 500, ROW_GROWTH | ROW_COUNTS, .round = idle_round },
	FORK(1),
	FORK(4),
	FORK(16),
	FORK(64),
	FORK(256),
	OPEN(10),
	OPEN(1000),
	OPEN(10000),
	SWITCH(2, 1),
	SWITCH(50, 49),
	SWITCH(500, 499),
	WAKEUP(2, 0),
	WAKEUP(50, 48),
	WAKEUP(500, 498),
	{ .name = NULL },
};
