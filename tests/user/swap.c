// Memory that does not fit, and swap. The boot tests ask for these on a small
// machine with a swap disk (tests/boot/test_swap.py).
#include "user/swaptests.h"

// ---- Sorting four times the memory ------------------------------------------

enum { REST = 7 };

// What is sorted; all words follow from the key.
struct record {
	uint32_t key;
	uint32_t rest[REST];
};

static void
new_record(struct record *r, uint32_t key)
{
	r->key = key;
	for (uint i = 0; i < REST; i++)
		r->rest[i] = key + i;
}

static bool
is_whole(const struct record *r)
{
	for (uint i = 0; i < REST; i++)
		if (r->rest[i] != r->key + i)
			return false;
	return true;
}

static void
swap_records(struct record *a, struct record *b)
{
	struct record r = *a;

	*a = *b;
	*b = r;
}

// Puts each record of p into the part of p that its key's top byte says, in
// place. On return end[b] is the end of part b.
static void
split(struct record *p, uint n, uint end[256])
{
	uint next[256], sum = 0;

	memset(end, 0, 256 * sizeof(end[0]));
	for (uint i = 0; i < n; i++)
		end[p[i].key >> 24]++;
	for (uint b = 0; b < 256; b++) {
		next[b] = sum;
		end[b] = sum += end[b];
	}
	for (uint b = 0; b < 256; b++)
		while (next[b] < end[b]) {
			uint to = p[next[b]].key >> 24;

			if (to != b)
				swap_records(&p[next[b]], &p[next[to]]);
			next[to]++;
		}
}

static int
compare_keys(const void *a, const void *b)
{
	uint32_t x = ((const struct record *)a)->key;
	uint32_t y = ((const struct record *)b)->key;

	return (x > y) - (x < y);
}

// Catches: a page that comes back with other bytes, or not at all, when a
// program needs four times the memory that there is.
LONG_TEST(swap_sort)
{
	uint pages = pages_of_memory() * 4, end[256];
	uint n = pages * (PAGE / sizeof(struct record));
	struct record *p = (void *)pages_new(pages, MAP_PRIVATE);
	uint32_t state = 1, sum = 0;

	for (uint i = 0; i < n; i++) {
		new_record(&p[i], random32(&state));
		sum += p[i].key;
	}
	CHECK(swapped() > pages / 2);
	split(p, n, end);
	for (uint b = 0; b < 256; b++) {
		uint from = b ? end[b - 1] : 0;

		qsort(p + from, end[b] - from, sizeof(p[0]), compare_keys);
	}
	for (uint i = 0; i < n; i++) {
		CHECK(i == 0 || p[i - 1].key <= p[i].key);
		CHECK(is_whole(&p[i]));
		sum -= p[i].key;
	}
	CHECK(sum == 0);
	CHECK(munmap(p, pages * PAGE) == 0);
	CHECK(!slots_leaked());
}

// ---- What can happen to a page in swap --------------------------------------

// Catches: a child that finds other bytes in its parent's swapped pages, a
// write of one that the other sees, or a slot that is lost or freed twice when
// they end in either order.
LONG_TEST(swap_fork)
{
	uint32_t *p = pages_new(SOME, MAP_PRIVATE);
	int pid;

	stamp(p, SOME, 7);
	push_out();
	CHECK(swapped() > SOME / 2);
	for (int round = 0; round < 4; round++) {
		pid = must_fork();
		if (pid == 0) {
			CHECK(stamped(p, SOME, 7 + round));
			stamp(p, SOME, 99);
			push_out();
			CHECK(stamped(p, SOME, 99));
			passed();
		}
		if (round & 1)
			stamp(p, SOME, 8 + round);
		expect_passed(pid);
		CHECK(stamped(p, SOME, round & 1 ? 8 + round : 7 + round));
		stamp(p, SOME, 8 + round);
		push_out();
	}
	CHECK(munmap(p, SOME * PAGE) == 0);
	CHECK(!slots_leaked());
}

static void
swapped_then_exec(void)
{
	char *const argv[] = {"echo", "exec", NULL};

	stamp(pages_new(SOME, MAP_PRIVATE), SOME, 3);
	push_out();
	CHECK(swapped() > SOME / 2);
	exec("/echo", argv);
}

static void
swapped_then_exit(void)
{
	stamp(pages_new(SOME, MAP_PRIVATE), SOME, 3);
	push_out();
	CHECK(swapped() > SOME / 2);
	passed();
}

// Catches: slots that exec or exit leaks.
LONG_TEST(swap_ends)
{
	for (int i = 0; i < 4; i++) {
		CHECK(run_child(swapped_then_exec) == 0);
		CHECK(run_child(swapped_then_exit) == WAIT_EXITED(TEST_PASSED));
	}
	CHECK(!slots_leaked());
}

// Catches: an mprotect that takes a slot's number for a frame, a page that
// comes back with rights that it lost in swap, or munmap that leaks slots.
LONG_TEST(swap_protect)
{
	uint32_t *p = pages_new(SOME, MAP_PRIVATE);

	stamp(p, SOME, 5);
	CHECK(mprotect(p, SOME / 2 * PAGE, PROT_NONE) == 0);
	push_out();
	CHECK(swapped() > SOME / 2);
	CHECK(mprotect(p, SOME * PAGE, PROT_NONE) == 0);
	CHECK(mprotect(p, SOME * PAGE, PROT_READ) == 0);
	CHECK(stamped(p, SOME, 5));
	push_out();
	CHECK(mprotect(p, SOME * PAGE, PROT_READ | PROT_WRITE) == 0);
	CHECK(stamped(p, SOME, 5));
	stamp(p, SOME, 6);
	push_out();
	CHECK(munmap(p, SOME / 2 * PAGE) == 0);
	CHECK(stamped(p + SOME / 2 * WORDS, 1, 0) == false);
	CHECK(munmap(p + SOME / 2 * WORDS, SOME / 2 * PAGE) == 0);
	CHECK(!slots_leaked());
}

// Catches: a page that is written to swap although its slot has the same bytes.
LONG_TEST(swap_clean)
{
	uint32_t *p = pages_new(SOME, MAP_PRIVATE);
	struct vminfo before, after;

	stamp(p, SOME, 4);
	push_out();
	CHECK(swapped() > SOME / 2);
	CHECK(stamped(p, SOME, 4));
	CHECK(swapped() < SOME / 10);
	before = counts();
	push_out();
	after = counts();
	CHECK(swapped() > SOME / 2);
	CHECK(after.swap_clean - before.swap_clean >= SOME / 2);
	CHECK(stamped(p, SOME, 4));
}
