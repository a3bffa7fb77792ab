// What the tests of swap share: pages with known contents, and counters.
#pragma once
#include "user/usertests.h"

enum { PAGE = 4096, WORDS = PAGE / 4, SOME = 500 };

static inline uint
pages_of_memory(void)
{
	struct meminfo m;

	CHECK(meminfo(&m) == 0);
	return m.total;
}

static inline struct vminfo
counts(void)
{
	struct vminfo v;

	CHECK(vminfo(0, &v, sizeof(v)) == 0);
	CHECK(v.swap_total);
	return v;
}

static inline uint
slots_used(void)
{
	struct vminfo v = counts();

	return v.swap_total - v.swap_free;
}

// Each slot in use belongs to a page of some process: are there more of them?
static inline bool
slots_leaked(void)
{
	struct procinfo info;
	struct vmproc v;
	uint pages = 0;
	int index = 0;

	while ((index = procinfo(index, &info)) > 0) {
		CHECK(vminfo(info.pid, &v, sizeof(v)) == 0);
		pages += v.pages + v.swapped;
	}
	return slots_used() > pages;
}

// The pages of this process that are in swap.
static inline uint
swapped(void)
{
	struct vmproc v;

	CHECK(vminfo(getpid(), &v, sizeof(v)) == 0);
	return v.swapped;
}

static inline uint32_t *
pages_new(uint n, int how)
{
	void *p = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE,
		       how | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

// Gives each of n pages words that no other page has.
static inline void
stamp(uint32_t *p, uint n, uint32_t seed)
{
	for (uint i = 0; i < n; i++, p += WORDS)
		for (uint j = 0; j < WORDS; j += 61)
			p[j] = seed ^ (i * 0x9E3779B1u + j);
}

static inline bool
stamped(const uint32_t *p, uint n, uint32_t seed)
{
	for (uint i = 0; i < n; i++, p += WORDS)
		for (uint j = 0; j < WORDS; j += 61)
			if (p[j] != (seed ^ (i * 0x9E3779B1u + j)))
				return false;
	return true;
}

// Uses as much memory as there is, so that all other pages leave it.
static inline void
squeeze(void)
{
	uint n = pages_of_memory();

	stamp(pages_new(n, MAP_PRIVATE), n, 1);
	passed();
}

static inline void
push_out(void)
{
	CHECK(run_child(squeeze) == WAIT_EXITED(TEST_PASSED));
}

static inline uint32_t
random32(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}
