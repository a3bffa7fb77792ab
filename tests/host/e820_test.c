// Catches: a firmware's memory map that makes us use what is no RAM, lose what
// is, or read beyond the map. Builds alone: cc -fsanitize=address,undefined -I.
#include "x86/e820.c"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define MB 0x100000u

static uint8_t *map;
static uint32_t map_len;
static struct ram got[RAM_RANGES];

// Each map stands in a heap block of exactly its size, so that the sanitizer
// sees a read beyond it.
static void
map_new(void)
{
	free(map);
	map = NULL;
	map_len = 0;
}

static void
map_add_sized(uint32_t size, uint64_t base, uint64_t len, uint32_t type)
{
	uint8_t *p;

	map = realloc(map, map_len + 24);
	p = map + map_len;
	memcpy(p, &size, 4);
	memcpy(p + 4, &base, 8);
	memcpy(p + 12, &len, 8);
	memcpy(p + 20, &type, 4);
	map_len += 24;
}

static void
map_add(uint64_t base, uint64_t len, uint32_t type)
{
	map_add_sized(20, base, len, type);
}

static int
parse(void)
{
	return ram_from_map(map, map_len, got, RAM_RANGES);
}

static void
check(int i, paddr_t start, paddr_t end)
{
	if (got[i].start != start || got[i].end != end)
		printf("range %d is [%x, %x), not [%x, %x)\n", i, got[i].start,
		       got[i].end, start, end);
	assert(got[i].start == start && got[i].end == end);
}

// Catches: ranges are not sorted or not merged, so that a frame is freed twice.
static void
test_sorted_and_merged(void)
{
	map_new();
	map_add(32 * MB, 32 * MB, 1);
	map_add(1 * MB, 15 * MB, 1);
	map_add(0, 0x9F000, 1);
	map_add(16 * MB, 16 * MB, 1);
	map_add(20 * MB, 1 * MB, 1);
	assert(parse() == 2);
	check(0, 0, 0x9F000);
	check(1, 1 * MB, 64 * MB);
}

// Catches: a page is used of which a part belongs to the BIOS, or a page is
// lost that two entries share although all of it is RAM.
static void
test_page_alignment(void)
{
	map_new();
	map_add(0x800, 0x9FC00 - 0x800, 1);
	map_add(MB, 0x1800, 1);
	map_add(MB + 0x1800, 0x1800, 1);
	map_add(2 * MB + 1, 0xFFF, 1);
	assert(parse() == 2);
	check(0, 0x1000, 0x9F000);
	check(1, MB, MB + 0x3000);
}

// Catches: a reserved entry that overlaps RAM is ignored, in any order of the
// two: at an edge, in the middle, or over all of it.
static void
test_reserved_wins(void)
{
	map_new();
	map_add(4 * MB, 0x10, 2);
	map_add(1 * MB, 9 * MB, 1);
	map_add(0, 2 * MB, 3);
	map_add(9 * MB + 0xFF0, 2 * MB, 4);
	map_add(20 * MB, MB, 1);
	map_add(19 * MB, 3 * MB, 2);
	map_add(40 * MB, MB, 1);
	map_add(40 * MB, 0, 2);
	assert(parse() == 3);
	check(0, 2 * MB, 4 * MB);
	check(1, 4 * MB + 0x1000, 9 * MB);
	check(2, 40 * MB, 41 * MB);
}

// Catches: 64-bit bases or lengths cut to 32 bits, which turn RAM above 4 GB
// into RAM at 0, and sums that wrap.
static void
test_above_4gb(void)
{
	map_new();
	map_add(0x100000000ull, 1024ull * MB, 1);
	map_add(0xC0000000ull, 2048ull * MB, 1);
	map_add(1 * MB, 1 * MB, 1);
	map_add(0xFFFFFFFFFFFFF000ull, 0x2000, 1);
	map_add(0xFE000000ull, ~0ull, 2);
	assert(parse() == 2);
	check(0, 1 * MB, 2 * MB);
	check(1, 0xC0000000, 0xFE000000);

	map_new();
	map_add(MB, ~0ull, 1);
	assert(parse() == 1);
	check(0, MB, 0xFFFFF000);
}

// Catches: the walk never ends at an entry of size 0, or goes beyond the map's
// end.
static void
test_bad_lengths(void)
{
	map_new();
	map_add(1 * MB, MB, 1);
	map_add_sized(0, 8 * MB, MB, 1);
	map_add(16 * MB, MB, 1);
	assert(parse() == 1);
	check(0, MB, 2 * MB);

	map_new();
	map_add_sized(21, 1 * MB, MB, 1);
	assert(parse() == 0);
	map_new();
	map_add_sized(0xFFFFFFFF, 1 * MB, MB, 1);
	assert(parse() == 0);
	map_new();
	map_add(1 * MB, MB, 1);
	map_add(8 * MB, MB, 1);
	for (uint32_t n = 0; n <= map_len; n++) {
		uint8_t *cut = malloc(n);

		memcpy(cut, map, n);
		assert(ram_from_map(cut, n, got, RAM_RANGES) == (int)n / 24);
		free(cut);
	}
}

// Catches: a map with too many ranges is written beyond the array's end.
static void
test_too_many(void)
{
	map_new();
	for (uint i = 1; i <= 2 * RAM_RANGES; i++)
		map_add(i * MB, 0x1000, 1);
	map_add(1 * MB + 0x1000, 0x1000, 1);
	map_add(2 * MB, 0x1000, 2);
	assert(parse() == RAM_RANGES - 1);
	check(0, MB, MB + 0x2000);
	check(1, 3 * MB, 3 * MB + 0x1000);

	// A cut in a full list needs one more entry, and there is none.
	map_new();
	for (uint i = 1; i <= RAM_RANGES; i++)
		map_add(i * MB, 0x3000, 1);
	map_add(MB + 0x1000, 0x1000, 2);
	assert(parse() == RAM_RANGES);
	check(0, MB, MB + 0x1000);
	check(1, 2 * MB, 2 * MB + 0x3000);
}

// Catches: the machine has no RAM after a loader that gives sizes instead of a
// map, or a size of 4 GB becomes 0.
static void
test_sizes(void)
{
	assert(ram_from_sizes(639, 31 * 1024, got, RAM_RANGES) == 2);
	check(0, 0, 0x9F000);
	check(1, MB, 32 * MB);
	assert(ram_from_sizes(0, 0xFFFFFFFF, got, RAM_RANGES) == 1);
	check(0, MB, 0xFFFFF000);
	assert(ram_from_sizes(0, 0, got, RAM_RANGES) == 0);
}

// Catches: any random map that breaks the promise of e820.h, checked page by
// page against a plain picture of 64 pages.
static void
test_random(void)
{
	for (uint seed = 0; seed < 20000; seed++) {
		uint8_t is_ram[64 * 4] = { 0 }, cut[64 * 4] = { 0 };
		int n;

		srand(seed);
		map_new();
		for (int i = rand() % 12; i >= 0; i--) {
			uint a = rand() % 256, len = rand() % (256 - a + 1);
			bool usable = rand() % 3;

			map_add(a * 1024, len * 1024, usable ? 1 : 2);
			memset((usable ? is_ram : cut) + a, 1, len);
		}
		n = parse();
		for (int i = 0; i < n; i++) {
			assert(got[i].start < got[i].end);
			assert(i == 0 || got[i - 1].end < got[i].start);
		}
		for (uint p = 0; p < 64; p++) {
			bool want = true, have = false;

			for (uint q = 4 * p; q < 4 * p + 4; q++)
				want = want && is_ram[q] && !cut[q];
			for (int i = 0; i < n; i++)
				have = have || (got[i].start <= p * 4096 &&
						p * 4096 < got[i].end);
			assert(want == have);
		}
	}
}

int
main(void)
{
	test_sorted_and_merged();
	test_page_alignment();
	test_reserved_wins();
	test_above_4gb();
	test_bad_lengths();
	test_too_many();
	test_sizes();
	test_random();
	map_new();
	printf("e820: ok\n");
	return 0;
}
