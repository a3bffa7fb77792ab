// The frame of bench: what a row is, and how a row is measured.
//
// A row measures one operation. A round does the operation `ops` times between
// bench_start and bench_stop. bench runs one round that is not counted, which
// fills the caches, and then BENCH_ROUNDS rounds; the figure is the median.
#pragma once
#include "user.h"

enum { BENCH_ROUNDS = 5, KB = 1024, MB = 1024 * 1024, PAGE = 4096 };

enum row_flags {
	ROW_TIMES_ITSELF = 1, // round stores the ticks in bench_ticks
	ROW_THREADS = 2,      // needs the calls for threads
	ROW_GROWTH = 4,       // runs with -g, or if it is named
	ROW_COUNTS = 8,       // one round, which counts something else
	ROW_WALL = 16,        // by the wall clock: runs only if it is named
};

struct row {
	const char *name; // NULL ends a table
	uint ops;         // operations in a round
	int size;         // what a row of growth varies
	uint flags;       // enum row_flags
	// prepare and restore stand around each round and are not measured.
	// Both may be NULL.
	void (*prepare)(const struct row *r);
	void (*round)(const struct row *r);
	void (*restore)(const struct row *r);
};

// The tables of rows, one in each file of user/benchrows/.
extern const struct row call_rows[], memory_rows[], map_rows[], process_rows[],
	pipe_rows[], file_rows[], thread_rows[], growth_rows[], wall_rows[];

// The time between the last bench_start and bench_stop, in ticks of the TSC.
extern uint bench_ticks;
void bench_start(void);
void bench_stop(void);

// Ends bench with a message unless c holds: a figure of a failed call would
// mean nothing.
#define MUST(c)                                                                \
	do {                                                                   \
		if (!(c))                                                      \
			bench_failed(__FILE__, __LINE__, #c);                  \
	} while (0)
__noreturn void bench_failed(const char *file, int line, const char *what);

// ---- What several tables use ------------------------------------------------
// A child that runs body(r) and ends.
int bench_child(const struct row *r, void (*body)(const struct row *r));
// Waits for the child to end with status 0.
void bench_wait(int pid);
// Writes one byte of each page of [at, at + len).
void touch(char *at, uint len);
// Makes a file of len bytes.
void make_file(const char *name, uint len);

__noreturn void exec_true(const struct row *r);

// ---- Rows that growth varies ------------------------------------------------
void fork_prepare(const struct row *r); // size: MB of heap
void fork_round(const struct row *r);
void fork_restore(const struct row *r);
void ping_prepare(const struct row *r);
void ping_round(const struct row *r);
void ping_restore(const struct row *r);
