// bench: threads of one process, and futexes.
#include "bench.h"

enum { STACK = 16 * KB };

static char stack[STACK] __attribute__((aligned(16)));
static int tls[16]; // the thread's errno is its first word
static int tid;
static int turn;    // 0: main's, 1: the partner's, 2: the partner ends

static void
start_partner(void (*body)(void *))
{
	turn = 0;
	tid = thread_create(body, NULL, stack + STACK, tls);
	MUST(tid > 0);
}

static void
say_turn(int whose)
{
	__atomic_store_n(&turn, whose, __ATOMIC_SEQ_CST);
}

static int
whose_turn(void)
{
	return __atomic_load_n(&turn, __ATOMIC_SEQ_CST);
}

static void
end_partner(const struct row *r)
{
	say_turn(2);
	futex_wake(&turn, 1);
	MUST(thread_join(tid, NULL) == 0);
}

// ---- yield to another thread, an operation is one switch --------------------
static void
yield_body(void *arg)
{
	while (whose_turn() != 2)
		yield();
	thread_exit(0);
}

static void
yield_prepare(const struct row *r)
{
	start_partner(yield_body);
}

// The partner yields as often as this thread.
static void
yield_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i += 2)
		yield();
}

// ---- create, exit, join -----------------------------------------------------
static void
exit_body(void *arg)
{
	thread_exit(0);
}

static void
thread_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++) {
		start_partner(exit_body);
		MUST(thread_join(tid, NULL) == 0);
	}
}

// ---- Futexes ----------------------------------------------------------------
static void
wait_for_turn(int mine)
{
	int now;

	while ((now = whose_turn()) != mine && now != 2)
		futex_wait(&turn, now, -1);
}

static void
ping_body(void *arg)
{
	for (;;) {
		wait_for_turn(1);
		if (whose_turn() == 2)
			thread_exit(0);
		say_turn(0);
		futex_wake(&turn, 1);
	}
}

static void
futex_prepare(const struct row *r)
{
	start_partner(ping_body);
}

static void
futex_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++) {
		say_turn(1);
		MUST(futex_wake(&turn, 1) >= 0);
		wait_for_turn(0);
	}
}

static void
wake_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		MUST(futex_wake(&turn, 1) == 0);
}

const struct row thread_rows[] = {
	{ "yield-thread", 1000, 0, ROW_THREADS, yield_prepare, yield_round,
	 end_partner},
	{ "thread", 50, 0, ROW_THREADS, NULL, thread_round, NULL },
	{"futex", 200, 0, ROW_THREADS, futex_prepare, futex_round, end_partner},
	{ "futex-wake", 1000, 0, ROW_THREADS, NULL, wake_round, NULL },
	{ .name = NULL },
};
