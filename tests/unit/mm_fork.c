// Unit tests of mm/fork.c and of what faults do after it.
#include "abi/errno.h"
#include "abi/mman.h"
#include "kalloc.h"
#include "kern/pagecheck.h"
#include "kern/unit.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/uaccess.h"

// A request for anonymous memory.
#define ZEROS(at, bytes, protection, bits)                                     \
	((struct map_request){ .addr = (at),                                   \
			       .len = (bytes),                                 \
			       .prot = (protection),                           \
			       .flags = (bits) })
#define AT    0x3FE000u // two pages in one table, the rest in the next
#define PAGES 6

static uint32_t
entry_at(struct mm *mm, vaddr_t va)
{
	pte_t *pte = walkpgdir(mm->pgdir, (void *)va, 0);

	return pte ? *pte : 0;
}

// Do the entries, of the directory and of the table, allow a write?
static bool
may_write(struct mm *mm, vaddr_t va)
{
	return mm->pgdir[PDX(va)] & entry_at(mm, va) & PTE_W;
}

static uint32_t
word_at(struct mm *mm, vaddr_t va)
{
	struct page *pg;
	uint32_t word;

	if (user_page(mm, va, ACCESS_READ, &pg) < 0)
		return 0xDEAD;
	word = *(uint32_t *)((char *)page_va(pg) + PGOFFSET(va));
	page_put(pg);
	return word;
}

static bool
set_word(struct mm *mm, vaddr_t va, uint32_t word)
{
	return mm_poke(mm, va, &word, sizeof(word)) == 0;
}

// Makes a space of PAGES pages. Each page holds its number. NULL: no memory.
static struct mm *
numbered(void)
{
	struct mm *mm = mm_new();

	if (!mm)
		return NULL;
	if (mm_map(mm, &ZEROS(AT, PAGES * PGSIZE, 0, AREA_READ | AREA_WRITE)) ==
	    0)
		for (uint i = 0; i < PAGES; i++)
			UNIT_CHECK(set_word(mm, AT + i * PGSIZE, i));
	return mm;
}

static bool
still_numbered(struct mm *mm)
{
	for (uint i = 0; i < PAGES; i++)
		if (word_at(mm, AT + i * PGSIZE) != i)
			return false;
	return true;
}

// Catches: a child sees its parent's writes, or the parent the child's. A page
// with only one owner is copied. The entry of a shared page still has W.
UNIT(fork_copies_on_write)
{
	uint before = kalloc_free(), free;
	struct mm *parent = numbered(), *child;
	paddr_t pa;

	UNIT_CHECK(mm_fork(parent, USER_TOP - 4, &child) == 0);
	UNIT_CHECK(mm_pages(child) == PAGES &&
		   child->areas.size == parent->areas.size);
	UNIT_CHECK(!may_write(parent, AT) && !may_write(child, AT));
	UNIT_CHECK(entry_at(child, AT) == entry_at(parent, AT));
	pa = PTE_ADDR(entry_at(parent, AT));
	UNIT_CHECK(set_word(child, AT, 100));
	UNIT_CHECK(word_at(parent, AT) == 0 && word_at(child, AT) == 100);
	free = kalloc_free();
	UNIT_CHECK(set_word(parent, AT, 200)); // alone with its frame now
	UNIT_CHECK(kalloc_free() == free);
	UNIT_CHECK(PTE_ADDR(entry_at(parent, AT)) == pa);
	UNIT_CHECK(set_word(parent, AT + PGSIZE, 300));
	UNIT_CHECK(word_at(child, AT + PGSIZE) == 1);
	mm_put(parent);
	UNIT_CHECK(word_at(child, AT + 5 * PGSIZE) == 5);
	mm_put(child);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: fork makes shared memory private, before or after its pages are
// there. A child loses PROT_NONE pages.
UNIT(fork_shares_what_is_shared)
{
	uint before = kalloc_free();
	struct mm *parent = numbered(), *child;
	vaddr_t at;

	UNIT_CHECK(mm_mmap(parent,
			   &ZEROS(0, 2 * PGSIZE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS),
			   &at) == 0);
	UNIT_CHECK(set_word(parent, at, 1));
	UNIT_CHECK(mm_mprotect(parent, AT, PGSIZE, PROT_NONE) == 0);
	UNIT_CHECK(mm_fork(parent, USER_TOP - 4, &child) == 0);
	UNIT_CHECK(set_word(parent, at, 2) && word_at(child, at) == 2);
	UNIT_CHECK(set_word(child, at + PGSIZE, 3));
	UNIT_CHECK(word_at(parent, at + PGSIZE) == 3);
	UNIT_CHECK(word_at(child, AT) == 0xDEAD);
	UNIT_CHECK(mm_mprotect(child, AT, PGSIZE, PROT_WRITE) == 0);
	UNIT_CHECK(word_at(child, AT) == 0);
	UNIT_CHECK(set_word(child, AT, 9));
	UNIT_CHECK(mm_mprotect(parent, AT, PGSIZE, PROT_READ) == 0);
	UNIT_CHECK(word_at(parent, AT) == 0);
	mm_put(child);
	UNIT_CHECK(word_at(parent, at + PGSIZE) == 3);
	mm_put(parent);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: fork loses frames or changes the parent when its k-th allocation
// fails, for every k. The same for the copy that a write makes.
UNIT(fork_without_memory)
{
	uint before = kalloc_free(), with_parent, k;
	struct mm *parent = numbered(), *child;
	int err = -ENOMEM;

	with_parent = kalloc_free();
	for (k = 1; err && k < 20; k++) {
		child = NULL;
		kalloc_fail_at(k);
		err = mm_fork(parent, USER_TOP - 4, &child);
		if (!err)
			err = mm_fault(child, AT, ACCESS_WRITE, NULL);
		kalloc_fail_at(0);
		UNIT_CHECK(!err || err == -ENOMEM);
		if (child) {
			UNIT_CHECK(still_numbered(child));
			mm_put(child);
		}
		UNIT_CHECK(kalloc_free() == with_parent);
		UNIT_CHECK(still_numbered(parent));
		UNIT_CHECK(set_word(parent, AT, 0));
		UNIT_CHECK(kalloc_free() == with_parent);
	}
	// A directory, one table or (PTSHARE=0) two, a page.
	UNIT_CHECK(!err && k >= 5);
	mm_put(parent);
	UNIT_CHECK(kalloc_free() == before);
}
