// bench: the heap, and what a child copies of it.
#include "bench.h"

static char *heap;
static uint heap_len;

static void
heap_grow(uint len)
{
	heap_len = len;
	heap = sbrk(len);
	MUST(heap != (char *)-1);
}

static void
heap_shrink(const struct row *r)
{
	MUST(sbrk(-heap_len) != (char *)-1);
}

// ---- sbrk, an operation is a page -------------------------------------------
static void
grow_round(const struct row *r)
{
	heap_grow(r->ops * PAGE);
	touch(heap, heap_len);
}

// ---- fork, an operation is a child ------------------------------------------
void
fork_prepare(const struct row *r)
{
	heap_grow(r->size * MB);
	touch(heap, heap_len);
}

void
fork_restore(const struct row *r)
{
	heap_shrink(r);
}

static void
do_nothing(const struct row *r)
{
}

void
fork_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		bench_wait(bench_child(r, do_nothing));
}

// ---- A child writes inherited pages, an operation is a page -----------------
static int result[2];

static void
write_inherited(const struct row *r)
{
	bench_start();
	touch(heap, heap_len);
	bench_stop();
	MUST(write(result[1], &bench_ticks, 4) == 4);
}

// The child measures itself. The pages next to its stack stay out of it.
static void
cow_round(const struct row *r)
{
	int pid;

	grow_round(r);
	MUST(pipe(result) == 0);
	pid = bench_child(r, write_inherited);
	bench_wait(pid);
	MUST(read(result[0], &bench_ticks, 4) == 4);
	MUST(close(result[0]) == 0 && close(result[1]) == 0);
}

const struct row memory_rows[] = {
	{ "sbrk", 256, 0, 0, NULL, grow_round, heap_shrink },
	{ "shrink", 256, 0, 0, grow_round, heap_shrink, NULL },
	{ "fork", 40, 0, 0, NULL, fork_round, NULL },
	{ "fork-4m", 20, 4, 0, fork_prepare, fork_round, fork_restore },
	{ "fork-32m", 10, 32, 0, fork_prepare, fork_round, fork_restore },
	{ "cow", 256, 0, ROW_TIMES_ITSELF, NULL, cow_round, heap_shrink },
	{ .name = NULL },
};
