// Unit tests of the pages that come in advance (mm/entries.c): behind a row of
// pages that were touched, and nowhere else.
#include "abi/mman.h"
#include "kalloc.h"
#include "kern/pagecheck.h"
#include "kern/unit.h"
#include "lib/string.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/uaccess.h"

#define BASE  0x3F0000u // 16 pages in one table, the rest in the next
#define COUNT 48        // pages of the area
#define TURN  16        // the first page of the next table
#define ROW   8         // mm/entries.c: after so many pages in a row
#define MORE  15        // so many come in advance

static struct mm *
row_space(int prot)
{
	struct mm *mm = mm_new();

	UNIT_CHECK(mm);
	UNIT_CHECK(!mm_map(mm, &(struct map_request){ .addr = BASE,
						     .len = COUNT * PGSIZE,
						     .prot = prot}));
	return mm;
}

static void
touch_page(struct mm *mm, uint i, int access)
{
	UNIT_CHECK(!mm_fault(mm, BASE + i * PGSIZE, access, NULL));
}

// Writes n to the first word of page i.
static void
put_number(struct mm *mm, uint i, uint32_t n)
{
	UNIT_CHECK(!mm_poke(mm, BASE + i * PGSIZE, &n, sizeof(n)));
}

static uint32_t
number_of(struct mm *mm, uint i)
{
	struct page *pg = user_page_present(mm, BASE + i * PGSIZE, ACCESS_READ);
	uint32_t n;

	if (!pg)
		return ~0u;
	memcpy(&n, page_va(pg), sizeof(n));
	page_put(pg);
	return n;
}

// Catches: pages in advance without a row, beyond the table or the area, or in
// the place of pages that are there.
UNIT(ahead_only_behind_a_row)
{
	uint before = kalloc_free();
	struct mm *mm = row_space(PROT_READ | PROT_WRITE);

	for (uint i = 0; i < ROW; i++) {
		touch_page(mm, i, ACCESS_WRITE);
		UNIT_CHECK(mm_pages(mm) == i + 1);
	}
	touch_page(mm, ROW, ACCESS_WRITE); // 7 are left in this table
	UNIT_CHECK(mm_pages(mm) == TURN);
	put_number(mm, TURN + 10, 7);
	for (uint i = 0; i <= ROW; i++)
		touch_page(mm, TURN + i, ACCESS_WRITE);
	UNIT_CHECK(mm_pages(mm) == TURN + 11);
	UNIT_CHECK(number_of(mm, TURN + 9) == 0);
	UNIT_CHECK(number_of(mm, TURN + 10) == 7);
	for (uint i = TURN + 11; i < COUNT - 4; i++)
		touch_page(mm, i, ACCESS_WRITE);
	UNIT_CHECK(mm_pages(mm) == COUNT); // and none behind the area
	UNIT_CHECK(number_of(mm, COUNT) == ~0u);
	mm_put(mm);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: pages in advance that a program may write to although its area is
// read-only.
UNIT(ahead_keeps_rights)
{
	struct mm *mm = row_space(PROT_READ);

	for (uint i = 0; i <= ROW; i++)
		touch_page(mm, i, ACCESS_READ);
	UNIT_CHECK(mm_pages(mm) > ROW + 1);
	UNIT_CHECK(!user_page_present(mm, BASE + 12 * PGSIZE, ACCESS_WRITE));
	UNIT_CHECK(mm_fault(mm, BASE + 12 * PGSIZE, ACCESS_WRITE, NULL));
	mm_put(mm);
}

// Catches: a child whose pages in advance are the parent's own or hold other
// bytes, and frames that are lost when memory is out on the way, for each k.
UNIT(ahead_copies_after_fork)
{
	uint before = kalloc_free();
	struct mm *parent = row_space(PROT_READ | PROT_WRITE), *child;

	for (uint i = 0; i < COUNT; i++)
		put_number(parent, i, 100 + i);
	for (uint k = 0; k <= MORE + 2; k++) {
		UNIT_CHECK(!mm_fork(parent, USER_TOP - 4, &child));
		for (uint i = 0; i < ROW; i++)
			put_number(child, TURN + i, i);
		kalloc_fail_at(k);
		(void)!mm_fault(child, BASE + (TURN + ROW) * PGSIZE,
				ACCESS_WRITE, NULL);
		kalloc_fail_at(0);
		for (uint i = ROW; i < COUNT - TURN; i++)
			put_number(child, TURN + i, i);
		for (uint i = 0; i < COUNT - TURN; i++) {
			UNIT_CHECK(number_of(child, TURN + i) == i);
			UNIT_CHECK(number_of(parent, TURN + i) ==
				   100 + TURN + i);
		}
		mm_put(child);
	}
	mm_put(parent);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: no copy in advance at all, which the test above would not see.
UNIT(ahead_copies_come_at_once)
{
	struct mm *parent = row_space(PROT_READ | PROT_WRITE), *child;
	uint free;

	for (uint i = 0; i < COUNT; i++)
		put_number(parent, i, i);
	UNIT_CHECK(!mm_fork(parent, USER_TOP - 4, &child));
	for (uint i = 0; i < ROW; i++)
		put_number(child, TURN + i, 0);
	free = kalloc_free();
	touch_page(child, TURN + ROW, ACCESS_WRITE);
	UNIT_CHECK(kalloc_free() == free - 1 - MORE);
	for (uint i = 0; i <= MORE; i++)
		UNIT_CHECK(number_of(child, TURN + ROW + i) == TURN + ROW + i);
	mm_put(child);
	mm_put(parent);
}
