// Unit tests of mm/swap.c and mm/pageout.c, on a disk of memory. Swap is turned
// on by the first and stays on.
#include "abi/errno.h"
#include "dev/blk.h"
#include "kern/unit.h"
#include "lib/string.h"
#include "mm/entry.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/pageout.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "x86/cpu.h"

#define AT    0x3FE000u // two pages in one table, the rest in the next
#define PAGES 6
#define SLOTS 64

static void *blocks[SLOTS];
static bool broken; // the disk refuses everything

static void
memory_submit(struct blk_disk *d, struct blk_req *r)
{
	for (uint i = 0; i < r->count && !broken; i++) {
		void *block = blocks[r->block + i];

		if (r->op == BLK_READ)
			memcpy(r->page[i], block, PGSIZE);
		else
			memcpy(block, r->page[i], PGSIZE);
	}
	cpu_irq_off();
	blk_end(r, broken ? -EIO : 0);
	cpu_irq_on();
}

static void
turn_swap_on(void)
{
	static struct blk_disk disk = {
		.name = "memory", .blocks = SLOTS, .submit = memory_submit};
	struct slot **table = kalloc_zero();

	if (swap_total())
		return;
	table[0] = kalloc_zero();
	for (uint i = 0; i < SLOTS; i++) {
		blocks[i] = kalloc();
		table[0][i].block = i;
	}
	UNIT_CHECK(swap_start(&disk, table, SLOTS) == 0);
}

static pte_t
entry_now(struct mm *mm, uint page)
{
	pte_t *pte = walkpgdir(mm->pgdir, (void *)(AT + page * PGSIZE), 0);

	return pte ? *pte : 0;
}

static bool
put_number(struct mm *mm, uint page, uint32_t n)
{
	return mm_poke(mm, AT + page * PGSIZE, &n, sizeof(n)) == 0;
}

static uint32_t
number_in(struct mm *mm, uint page)
{
	struct page *pg;
	uint32_t n;

	if (user_page(mm, AT + page * PGSIZE, ACCESS_READ, &pg))
		return 0xDEAD;
	n = *(uint32_t *)page_va(pg);
	swap_page_put(pg);
	return n;
}

// A space of PAGES pages with their numbers, which the clock finds.
static struct mm *
swappable(void)
{
	struct mm *mm = mm_new();

	turn_swap_on();
	UNIT_CHECK(mm_map(mm, &(struct map_request){.addr = AT,
						    .len = PAGES * PGSIZE,
						    .flags = AREA_READ |
							     AREA_WRITE}) == 0);
	for (uint i = 0; i < PAGES; i++)
		UNIT_CHECK(put_number(mm, i, i));
	pageout_enter(mm);
	return mm;
}

static uint
count_kind(struct mm *mm, enum entry_kind kind)
{
	uint n = 0;

	for (uint i = 0; i < PAGES; i++)
		n += entry_kind(entry_now(mm, i)) == kind;
	return n;
}

// Catches: a frame that leaves one table and stays in another one, two slots
// for one page, a frame that is not found again while it is in memory, or a
// slot or frame that is lost.
UNIT(pageout_shares_a_slot)
{
	struct mm *parent = swappable(), *child;
	uint slots = swap_free(), frames;

	UNIT_CHECK(mm_fork(parent, USER_TOP - 4, &child) == 0);
	UNIT_CHECK(put_number(child, 0, 100) && put_number(child, 2, 102));
	frames = kalloc_free();
	(void)pageout_reclaim(1000);
	UNIT_CHECK(count_kind(parent, ENTRY_SWAPPED) == PAGES);
	UNIT_CHECK(count_kind(child, ENTRY_SWAPPED) == PAGES);
	UNIT_CHECK(mm_swapped(child) == PAGES && mm_pages(child) == 0);
	UNIT_CHECK(kalloc_free() == frames + PAGES + 2);
	UNIT_CHECK(swap_free() == slots - PAGES - 2);
	UNIT_CHECK(entry_now(parent, 1) == entry_now(child, 1));
	UNIT_CHECK(entry_now(parent, 0) != entry_now(child, 0));
	UNIT_CHECK(number_in(child, 1) == 1 && number_in(parent, 1) == 1);
	UNIT_CHECK(entry_page(entry_now(parent, 1)) ==
		   entry_page(entry_now(child, 1)));
	UNIT_CHECK(number_in(child, 0) == 100 && number_in(parent, 0) == 0);
	mm_put(parent);
	UNIT_CHECK(number_in(child, 2) == 102 && number_in(child, 3) == 3);
	mm_put(child);
	UNIT_CHECK(swap_free() == slots);
}

// Catches: a page that was only read and is written again, or one that was
// changed, by the program or by the kernel for it, and is not.
UNIT(pageout_writes_what_is_dirty)
{
	struct mm *mm = swappable();
	pte_t slot;

	(void)pageout_reclaim(1000);
	slot = entry_now(mm, 1);
	UNIT_CHECK(entry_kind(slot) == ENTRY_SWAPPED);
	UNIT_CHECK(number_in(mm, 1) == 1 && number_in(mm, 2) == 2);
	UNIT_CHECK(entry_kind(entry_now(mm, 1)) == ENTRY_RW);
	memset(blocks[entry_slot(slot)], 0xEE, 4); // a write would undo it
	UNIT_CHECK(put_number(mm, 2, 22));
	(void)pageout_reclaim(1000);
	UNIT_CHECK(entry_now(mm, 1) == slot);
	UNIT_CHECK(number_in(mm, 1) == 0xEEEEEEEE && number_in(mm, 2) == 22);
	mm_put(mm);
}

// Catches: a page that is given up although the disk has refused it, a slot
// that is used again after that, or a read error that is no error.
UNIT(pageout_survives_the_disk)
{
	struct mm *mm = swappable();
	uint slots = swap_free();
	struct page *pg;

	broken = true;
	(void)pageout_reclaim(1000);
	UNIT_CHECK(count_kind(mm, ENTRY_SWAPPED) == 0);
	UNIT_CHECK(swap_free() < slots);
	broken = false;
	for (uint i = 0; i < PAGES; i++)
		UNIT_CHECK(number_in(mm, i) == i);
	(void)pageout_reclaim(1000);
	UNIT_CHECK(count_kind(mm, ENTRY_SWAPPED) == PAGES);
	broken = true;
	UNIT_CHECK(user_page(mm, AT, ACCESS_READ, &pg) == -EIO);
	broken = false;
	UNIT_CHECK(number_in(mm, 0) == 0);
	mm_put(mm);
}
