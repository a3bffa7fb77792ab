// bench: what has to be measured by the clock on the wall. `make bench
// BENCHFLAGS=--growth` runs these rows without counting instructions.
#include "bench.h"

enum { WORKERS = 4, CALL = 4 * KB, BIG = 100 * MB, CALLS = BIG / CALL };
enum { UNITS = 10 * 1000 * 1000 }; // tenths of a microsecond in a second

static const char *const big = "/bench.big";
static char buf[CALL];

// The time in units of 16 ticks, so that some seconds fit into 32 bits.
static uint
wall_clock(void)
{
	uint low, high;

	asm volatile("rdtsc\n"
		     "	shrdl $4, %%edx, %%eax"
		     : "=a"(low), "=d"(high));
	return low;
}

// ---- Processors: size is the number of processes that work at once ----------
static void
in_parallel(const struct row *r, void (*body)(const struct row *r))
{
	int pids[WORKERS];
	uint start = wall_clock();

	for (int i = 0; i < r->size; i++)
		pids[i] = bench_child(r, body);
	for (int i = 0; i < r->size; i++)
		bench_wait(pids[i]);
	bench_ticks = wall_clock() - start;
}

static void
work_touch(const struct row *r)
{
	for (uint i = 0; i < r->ops; i += 256) {
		char *heap = sbrk(256 * PAGE);

		MUST(heap != (char *)-1);
		touch(heap, 256 * PAGE);
		MUST(sbrk(-256 * PAGE) != (char *)-1);
	}
}

static void
work_exec(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		bench_wait(bench_child(r, exec_true));
}

static void
work_read(const struct row *r)
{
	for (uint i = 0; i < r->ops; i += 256) {
		int fd = open("/bench", O_RDONLY);

		MUST(fd >= 0);
		for (uint n = 0; n < 256; n++)
			MUST(read(fd, buf, CALL) == CALL &&
			     lseek(fd, 0, SEEK_SET) == 0);
		MUST(close(fd) == 0);
	}
}

static void
touch_round(const struct row *r)
{
	in_parallel(r, work_touch);
}

static void
exec_round(const struct row *r)
{
	in_parallel(r, work_exec);
}

static void
read_round(const struct row *r)
{
	in_parallel(r, work_read);
}

// ---- The disk: the figure is KB in a second ---------------------------------
static int
open_big(const struct row *r)
{
	int fd = open(big, O_RDWR | O_CREATE);

	MUST(fd >= 0);
	return fd;
}

// One pass over the file in calls of 4 KB: size 0: in order, else at random.
static void
pass(const struct row *r, int (*call)(int fd, char *buf))
{
	int fd = open_big(r), start = uptime();

	for (uint i = 0; i < r->ops / 4; i++) {
		uint at = r->size ? (uint)rand() % CALLS : i;

		MUST(lseek(fd, at * CALL, SEEK_SET) >= 0);
		MUST(call(fd, buf) == CALL);
	}
	MUST(fsync(fd) == 0 && close(fd) == 0);
	bench_ticks = (uptime() - start) * (UNITS / HZ);
}

static int
write_call(int fd, char *buf)
{
	return write(fd, buf, CALL);
}

static int
read_call(int fd, char *buf)
{
	return read(fd, buf, CALL);
}

static void
big_prepare(const struct row *r)
{
	make_file(big, BIG);
	MUST(sync() == 0);
}

static void
big_write_round(const struct row *r)
{
	pass(r, write_call);
}

static void
big_read_round(const struct row *r)
{
	pass(r, read_call);
}

static void
big_restore(const struct row *r)
{
	MUST(unlink(big) == 0 && sync() == 0);
}

#define WORK(name, n, ops)                                                     \
	{                                                                      \
		"wall-" #name "-" #n, ops, n, ROW_WALL | ROW_TIMES_ITSELF,     \
			.round = name##_round                                  \
	}
#define DISK(name, kb, at_random, prepare, round)                              \
	{                                                                      \
		"disk-" name, kb, at_random, ROW_WALL | ROW_COUNTS, prepare,   \
			round, big_restore                                     \
	}
const struct row wall_rows[] = {
	WORK(touch, 1, 16384),
	WORK(touch, 2, 16384),
	WORK(touch, 4, 16384),
	WORK(exec, 1, 200),
	WORK(exec, 2, 200),
	WORK(exec, 4, 200),
	WORK(read, 1, 16384),
	WORK(read, 2, 16384),
	WORK(read, 4, 16384),
	DISK("write", BIG / KB, 0, NULL, big_write_round),
	DISK("read", BIG / KB, 0, big_prepare, big_read_round),
	DISK("random-read", 10 * KB, 1, big_prepare, big_read_round),
	DISK("random-write", 10 * KB, 1, big_prepare, big_write_round),
	{ .name = NULL },
};
