// Catches: a pipe that loses, repeats or mixes bytes, takes out what could
// not be copied, misses a wakeup, or waits for a side that has closed.
//
// file/pipe.c runs here over the stand-ins of pipe_world.h.
#include "file/pipe.c"
#include "pipe_world.h"
#include "check.h"
#include <unistd.h>

// ---- One thread -------------------------------------------------------------
#define BIG (3 * PIPE_SIZE)
static char from[BIG], to[BIG];

static void
clear(void)
{
	for (int i = 0; i < BIG; i++)
		from[i] = i * 7 + i / 251;
	memset(to, 0, sizeof(to));
	bad = NULL;
}

// Bytes come out as they went in, wherever the ring's end falls.
static void
test_order(void)
{
	struct pipe *p = pipe_new();
	uint in = 0, out = 0;

	clear();
	for (uint n = 1; in + n < BIG; n = n * 2 % 5003 + 1) {
		CHECK(pipe_write(p, from + in, n) == (int)n);
		in += n;
		while (out + n / 2 < in) {
			int r = pipe_read(p, to + out, n / 2 + 1);

			CHECK(r > 0);
			out += r;
		}
	}
	CHECK(memcmp(from, to, out) == 0);
	pipe_close(p, false);
	pipe_close(p, true);
}

static void
test_ends(void)
{
	struct pipe *p = pipe_new();

	clear();
	CHECK(pipe_read(p, to, 0) == 0);
	CHECK(pipe_write(p, from, 0) == 0);
	CHECK(pipe_write(p, from, PIPE_SIZE) ==
	      PIPE_SIZE); // it holds that much
	pipe_close(p, true);
	CHECK(pipe_read(p, to, BIG) == PIPE_SIZE); // what is left is read
	CHECK(memcmp(from, to, PIPE_SIZE) == 0);
	CHECK(pipe_read(p, to, 1) == 0);
	pipe_close(p, false);

	p = pipe_new();
	pipe_close(p, false);
	CHECK(pipe_write(p, from, 1) == -EPIPE); // there is room, but no reader
	pipe_close(p, true);
}

static void
test_killed(void)
{
	struct pipe *p = pipe_new();

	clear();
	killed = true;
	CHECK(pipe_read(p, to, 1) == -EINTR);
	CHECK(pipe_write(p, from, PIPE_SIZE) == PIPE_SIZE);
	CHECK(pipe_write(p, from, 1) == -EINTR);
	CHECK(pipe_read(p, to, 10) == 10);
	CHECK(pipe_write(p, from, 11) == -EINTR); // all or nothing of a page
	CHECK(pipe_write(p, from, 10) == 10);
	killed = false;
	pipe_close(p, false);
	pipe_close(p, true);
}

// What could not be copied stays where it was.
static void
test_faults(void)
{
	struct pipe *p = pipe_new();

	clear();
	bad = from;
	CHECK(pipe_write(p, from, 5) == -EFAULT);
	bad = from + PGSIZE;
	CHECK(pipe_write(p, from, PGSIZE + 5) == PGSIZE);
	bad = to;
	CHECK(pipe_read(p, to, 5) == -EFAULT);
	bad = NULL;
	CHECK(pipe_read(p, to, BIG) == PGSIZE);
	CHECK(memcmp(from, to, PGSIZE) == 0);
	pipe_close(p, false);
	pipe_close(p, true);
}

// ---- Many threads -----------------------------------------------------------
// Writers put in records that name them and count; readers take them out whole,
// with one turn for the size and the rest, so each side mixes by whole records.
#define WRITERS 4
#define RECORDS 20000

struct record {
	int writer, number;
	char fill[56];
};

static struct pipe *shared;
static int seen[WRITERS];

static void *
writer(void *arg)
{
	struct record r = { .writer = (int)(intptr_t)arg };

	memset(r.fill, r.writer, sizeof(r.fill));
	for (r.number = 0; r.number < RECORDS; r.number++)
		if (pipe_write(shared, &r, sizeof(r)) != sizeof(r))
			CHECK(!"a record went in in part");
	return NULL;
}

// Records are a divisor of the ring's size, so that none is read in two pieces.
static void *
reader(void *arg)
{
	struct record r;
	int n;

	while ((n = pipe_read(shared, &r, sizeof(r))) > 0) {
		if (n != sizeof(r) || r.writer < 0 || r.writer >= WRITERS ||
		    r.fill[0] != r.writer || r.fill[55] != r.writer)
			CHECK(!"a record is mixed up");
		else
			__atomic_add_fetch(&seen[r.writer], r.number + 1,
					   __ATOMIC_SEQ_CST);
	}
	CHECK(n == 0);
	return NULL;
}

static void
test_threads(int readers)
{
	pthread_t w[WRITERS], r[WRITERS];
	int sum = 0;

	_Static_assert(PIPE_SIZE % sizeof(struct record) == 0, "see reader");
	memset(seen, 0, sizeof(seen));
	shared = pipe_new();
	for (int i = 0; i < readers; i++)
		pthread_create(&r[i], NULL, reader, NULL);
	for (intptr_t i = 0; i < WRITERS; i++)
		pthread_create(&w[i], NULL, writer, (void *)i);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(w[i], NULL);
	pipe_close(shared, true);
	for (int i = 0; i < readers; i++)
		pthread_join(r[i], NULL);
	pipe_close(shared, false);
	for (int i = 1; i <= RECORDS; i++)
		sum += i;
	for (int i = 0; i < WRITERS; i++)
		CHECK(seen[i] == sum);
}

// Writers that wait for room when the last reader goes must all hear of it.
static void *
blocked_writer(void *arg)
{
	static const char page[PGSIZE];

	while (pipe_write(shared, page, PGSIZE) == PGSIZE)
		;
	CHECK(pipe_write(shared, page, 1) == -EPIPE);
	return NULL;
}

static void
test_last_reader(void)
{
	pthread_t w[WRITERS];

	shared = pipe_new();
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&w[i], NULL, blocked_writer, NULL);
	usleep(20000);
	CHECK(pipe_read(shared, to, 100) == 100);
	usleep(20000);
	pipe_close(shared, false);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(w[i], NULL);
	pipe_close(shared, true);
}

// A reader that came while another one copied goes on with what is left, though
// no writer will ever wake it. Copies take turns only while pages are away.
static pthread_t second;

static void *
second_reader(void *arg)
{
	char rest[10];

	CHECK(pipe_read(shared, rest, sizeof(rest)) == 5);
	CHECK(memcmp(rest, from + 5, 5) == 0);
	return NULL;
}

static void
start_second(void)
{
	pthread_create(&second, NULL, second_reader, NULL);
	usleep(20000);
}

static void
test_turns(void)
{
	clear();
	shared = pipe_new();
	CHECK(pipe_write(shared, from, 10) == 10);
	during_copy = start_second;
	CHECK(pipe_read(shared, to, 5) == 5);
	pthread_join(second, NULL);
	CHECK(memcmp(from, to, 5) == 0);
	pipe_close(shared, false);
	pipe_close(shared, true);
}

// Single bytes there and back: each one must wake the other side.
static struct pipe *back;

static void *
echo(void *arg)
{
	char c;

	while (pipe_read(shared, &c, 1) == 1)
		CHECK(pipe_write(back, &c, 1) == 1);
	return NULL;
}

static void
test_bytes(void)
{
	pthread_t t;
	char c;

	shared = pipe_new();
	back = pipe_new();
	pthread_create(&t, NULL, echo, NULL);
	for (int i = 0; i < 5000; i++) {
		CHECK(pipe_write(shared, from + i, 1) == 1);
		CHECK(pipe_read(back, &c, 1) == 1 && c == from[i]);
	}
	pipe_close(shared, true);
	pthread_join(t, NULL);
	pipe_close(shared, false);
	pipe_close(back, true);
	pipe_close(back, false);
}

static void
test_all(void)
{
	test_order();
	test_ends();
	test_killed();
	test_faults();
	test_threads(1);
	test_threads(3);
	test_last_reader();
	test_bytes();
}

int
main(void)
{
	alarm(60); // a missed wakeup is waited for no longer
	pipe_init();
	test_all();
	away = true;
	test_all();
	test_turns();
	CHECK(frames == 0 && objects == 0);
	printf("pipe_test: %s\n", failures == 0 ? "ok" : "FAILED");
	return failures != 0;
}
