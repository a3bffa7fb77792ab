// bench: counts what the kernel's operations cost.
//
//	bench            all rows but those that show growth
//	bench -g         those that show growth
//	bench ROW...     these rows
//	bench -l         the names of all rows
//
// A line for each row: its name, the figure of one operation, the operations
// that were measured, and how often a measured round waited for the disk. The
// figure is in ticks of the processor's time stamp counter. `make bench` runs
// QEMU so that a tick is one instruction. A row whose system call does not
// exist has the figure "-".
#include "bench.h"

static const char *const directory = "/bench.tmp";
static const struct row *const tables[] = {
	call_rows, memory_rows, map_rows,    process_rows, pipe_rows,
	file_rows, thread_rows, growth_rows, wall_rows,
};

uint bench_ticks;

// ---- The clock --------------------------------------------------------------
// The two marks are where `make profile` begins and ends to count.
asm(".text\n"
    ".globl bench_start, bench_stop, bench_mark_start, bench_mark_stop\n"
    ".type bench_start, @function\n"
    ".type bench_stop, @function\n"
    "bench_start:\n"
    "bench_mark_start:\n"
    "	rdtsc\n"
    "	movl %eax, bench_ticks\n"
    "	ret\n"
    ".size bench_start, . - bench_start\n"
    "bench_stop:\n"
    "bench_mark_stop:\n"
    "	rdtsc\n"
    "	subl bench_ticks, %eax\n"
    "	movl %eax, bench_ticks\n"
    "	ret\n"
    ".size bench_stop, . - bench_stop\n");

// ---- What several tables use ------------------------------------------------
void
bench_failed(const char *file, int line, const char *what)
{
	errx(1, "%s:%d: %s failed: %s", file, line, what, strerror(errno));
}

int
bench_child(const struct row *r, void (*body)(const struct row *r))
{
	int pid = fork();

	MUST(pid >= 0);
	if (pid == 0) {
		body(r);
		exit(0);
	}
	return pid;
}

void
bench_wait(int pid)
{
	int status = 0;

	MUST(waitpid(pid, &status, 0) == pid);
	MUST(status == 0);
}

void
touch(char *at, uint len)
{
	for (uint off = 0; off < len; off += PAGE)
		((volatile char *)at)[off] = 1;
}

void
make_file(const char *name, uint len)
{
	static char buf[PAGE];
	int fd = open(name, O_WRONLY | O_CREATE | O_TRUNC);
	uint n;

	MUST(fd >= 0);
	for (; len > 0; len -= n) {
		n = min_uint(len, sizeof(buf));
		MUST(write(fd, buf, n) == (int)n);
	}
	MUST(close(fd) == 0);
}

// ---- The runner -------------------------------------------------------------
static uint
disk_waits(void)
{
	struct meminfo m;

	MUST(meminfo(&m) == 0);
	return m.waits;
}

// One round; *waits grows by how often it waited for the disk.
static uint
run_round(const struct row *r, uint *waits)
{
	uint before;

	if (r->prepare)
		r->prepare(r);
	before = disk_waits();
	if (!(r->flags & (ROW_TIMES_ITSELF | ROW_COUNTS)))
		bench_start();
	r->round(r);
	if (!(r->flags & (ROW_TIMES_ITSELF | ROW_COUNTS)))
		bench_stop();
	*waits += disk_waits() - before;
	if (r->restore)
		r->restore(r);
	return bench_ticks;
}

static int
compare_ticks(const void *a, const void *b)
{
	uint x = *(const uint *)a, y = *(const uint *)b;

	return x < y ? -1 : x > y;
}

static void
run_row(const struct row *r)
{
	uint ticks[BENCH_ROUNDS], waits = 0;
	uint rounds = r->flags & ROW_COUNTS ? 1 : BENCH_ROUNDS;

	if (rounds > 1)
		run_round(r, &waits);
	waits = 0;
	for (uint i = 0; i < rounds; i++)
		ticks[i] = run_round(r, &waits);
	if (r->flags & ROW_COUNTS)
		waits = 0; // a wait does not change what the row counts
	qsort(ticks, rounds, sizeof(ticks[0]), compare_ticks);
	printf("%-16s %10u %10u %6u\n", r->name,
	       (ticks[rounds / 2] + r->ops / 2) / r->ops, r->ops * rounds,
	       waits);
}

static bool
threads_exist(void)
{
	static int word;

	return futex_wake(&word, 1) >= 0 || errno != ENOSYS;
}

// The row runs in a child, so that rows cannot disturb each other.
static void
run_alone(const struct row *r)
{
	int pid;

	if ((r->flags & ROW_THREADS) && !threads_exist()) {
		printf("%-16s %10s %10u %6u\n", r->name, "-", 0, 0);
		return;
	}
	MUST(mkdir(directory) == 0 || errno == EEXIST);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		MUST(chdir(directory) == 0);
		run_row(r);
		exit(0);
	}
	bench_wait(pid);
	remove_tree(directory);
}

// ---- Which rows -------------------------------------------------------------
static void
for_rows(uint flags, void (*do_row)(const struct row *r))
{
	for (uint i = 0; i < countof(tables); i++)
		for (const struct row *r = tables[i]; r->name; r++)
			if ((r->flags & (ROW_GROWTH | ROW_WALL)) == flags)
				do_row(r);
}

static void
print_name(const struct row *r)
{
	puts(r->name);
}

static const struct row *
find_row(const char *name)
{
	for (uint i = 0; i < countof(tables); i++)
		for (const struct row *r = tables[i]; r->name; r++)
			if (strcmp(r->name, name) == 0)
				return r;
	errx(2, "there is no row %s: bench -l lists them", name);
}

static void
print_head(void)
{
	printf("%-16s %10s %10s %6s\n", "row", "ticks", "operations", "waits");
}

int
main(int argc, char *argv[])
{
	static char *none[] = { NULL };
	bool growth = argc == 2 && strcmp(argv[1], "-g") == 0;

	if (argc == 2 && strcmp(argv[1], "-l") == 0) {
		for_rows(0, print_name);
		for_rows(ROW_GROWTH, print_name);
		for_rows(ROW_WALL, print_name);
		return 0;
	}
	if (argc > 1 && argv[1][0] == '-' && !growth)
		usage("[-g | -l | ROW...]");
	for (int i = 1; i < argc && !growth; i++)
		find_row(argv[i]);
	environ = none; // exec copies none: each variable adds to its cost
	print_head();
	if (argc == 1 || growth)
		for_rows(growth ? ROW_GROWTH : 0, run_alone);
	else
		for (int i = 1; i < argc; i++)
			run_alone(find_row(argv[i]));
	return 0;
}
