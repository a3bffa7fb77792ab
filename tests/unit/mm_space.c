// Unit tests of address spaces: areas, faults, the heap, mmap. Anonymous memory
// only, as no file system is mounted yet.
#include "abi/errno.h"
#include "abi/mman.h"
#include "kalloc.h"
#include "kern/pagecheck.h"
#include "kern/unit.h"
#include "lib/string.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/uaccess.h"

// A request for anonymous memory.
#define ZEROS(at, bytes, protection, bits)                                     \
	((struct map_request){ .addr = (at),                                   \
			       .len = (bytes),                                 \
			       .prot = (protection),                           \
			       .flags = (bits) })
#define AT 0x400000u

static int
touch(struct mm *mm, vaddr_t va, int access)
{
	return mm_fault(mm, va, access, NULL);
}

static uint32_t
entry_at(struct mm *mm, vaddr_t va)
{
	pte_t *pte = walkpgdir(mm->pgdir, (void *)va, 0);

	return pte ? *pte : 0;
}

// Catches: frames are lost between mm_new and mm_put, pages are not counted, or
// an area has another size than was asked for.
UNIT(mm_counts_pages)
{
	uint before = kalloc_free();
	struct mm *mm = mm_new();

	UNIT_CHECK(mm_map(mm, &ZEROS(AT, 10 * PGSIZE, 0,
				     AREA_READ | AREA_WRITE)) == 0);
	UNIT_CHECK(mm->areas.size == 10 * PGSIZE && mm_pages(mm) == 0);
	for (uint i = 0; i < 10; i += 2)
		UNIT_CHECK(touch(mm, AT + i * PGSIZE + 5, ACCESS_WRITE) == 0);
	UNIT_CHECK(mm_pages(mm) == 5);
	UNIT_CHECK(entry_at(mm, AT) & PTE_W);
	UNIT_CHECK(entry_at(mm, AT + PGSIZE) == 0);
	UNIT_CHECK(mm_munmap(mm, AT + PGSIZE, 4 * PGSIZE) == 0);
	UNIT_CHECK(mm_pages(mm) == 3 && mm->areas.size == 6 * PGSIZE);
	UNIT_CHECK(entry_at(mm, AT + 2 * PGSIZE) == 0);
	mm_put(mm);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: an area is accepted that is empty, overlaps another one, lies
// outside of the user's half, or wraps around at the end of all addresses.
UNIT(mm_map_checks_ranges)
{
	struct mm *mm = mm_new();
	const int rw = AREA_READ | AREA_WRITE;

	UNIT_CHECK(mm_map(mm, &ZEROS(AT, 0, 0, rw)) == -EINVAL);
	UNIT_CHECK(mm_map(mm, &ZEROS(USER_TOP - PGSIZE, 2 * PGSIZE, 0, rw)) ==
		   -EINVAL);
	UNIT_CHECK(mm_map(mm, &ZEROS(0xFFFFF000, 2 * PGSIZE, 0, rw)) ==
		   -EINVAL);
	UNIT_CHECK(mm_map(mm, &ZEROS(AT + 5, PGSIZE, 0, rw)) == 0);
	UNIT_CHECK(mm->areas.size == 2 * PGSIZE);
	UNIT_CHECK(mm_map(mm, &ZEROS(AT + PGSIZE, 1, 0, rw)) == -EEXIST);
	UNIT_CHECK(mm_map(mm, &ZEROS(USER_TOP - PGSIZE, PGSIZE, 0, rw)) == 0);
	mm_put(mm);
}

// Catches: an access succeeds although no area permits it, or is refused for a
// wrong reason.
UNIT(mm_fault_refuses)
{
	struct mm *mm = mm_new();
	enum fault_rule rule;

	UNIT_CHECK(mm_map(mm, &ZEROS(AT, PGSIZE, 0, AREA_READ)) == 0);
	UNIT_CHECK(mm_fault(mm, 0, ACCESS_READ, &rule) == -EFAULT);
	UNIT_CHECK(rule == FAULT_NO_AREA);
	UNIT_CHECK(mm_fault(mm, AT, ACCESS_WRITE, &rule) == -EFAULT);
	UNIT_CHECK(rule == FAULT_READ_ONLY);
	UNIT_CHECK(mm_fault(mm, KERNBASE, ACCESS_READ, &rule) == -EFAULT);
	UNIT_CHECK(rule == FAULT_NO_AREA);
	UNIT_CHECK(mm_fault(mm, AT, ACCESS_READ, &rule) == 0);
	UNIT_CHECK(rule == FAULT_OK);
	UNIT_CHECK(!(entry_at(mm, AT) & PTE_W));
	UNIT_CHECK(mm_mprotect(mm, AT, PGSIZE, PROT_NONE) == 0);
	UNIT_CHECK(mm_fault(mm, AT, ACCESS_READ, &rule) == -EFAULT);
	UNIT_CHECK(rule == FAULT_NO_ACCESS);
	mm_put(mm);
}

// Catches: the stack does not grow, grows without a limit, or grows into the
// area below it.
UNIT(mm_stack_grows)
{
	uint before = kalloc_free();
	struct mm *mm = mm_new();
	const vaddr_t low = USER_TOP - 0x100000;

	UNIT_CHECK(mm_map(mm, &ZEROS(USER_TOP - PGSIZE, PGSIZE, 0,
				     AREA_READ | AREA_WRITE | AREA_STACK)) ==
		   0);
	UNIT_CHECK(touch(mm, USER_TOP - 12 * PGSIZE + 9, ACCESS_WRITE) == 0);
	UNIT_CHECK(mm->areas.size == 12 * PGSIZE && mm_pages(mm) == 1);
	UNIT_CHECK(touch(mm, USER_TOP - STACK_MAX - 1, ACCESS_WRITE) ==
		   -EFAULT);
	UNIT_CHECK(mm_map(mm, &ZEROS(low, PGSIZE, 0, AREA_READ)) == 0);
	UNIT_CHECK(touch(mm, low + PGSIZE, ACCESS_WRITE) == -EFAULT);
	UNIT_CHECK(touch(mm, low + 16 * PGSIZE, ACCESS_WRITE) == -EFAULT);
	UNIT_CHECK(touch(mm, low + 17 * PGSIZE, ACCESS_WRITE) == 0);
	UNIT_CHECK(strcmp(mm_describe(mm, low + 17 * PGSIZE), "stack") == 0);
	mm_put(mm);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: the break moves below its start, wraps around, or moves when the
// call fails. Pages stay after the heap has shrunk. A new page holds old bytes.
UNIT(mm_sbrk_moves_the_break)
{
	struct mm *mm = mm_new();
	vaddr_t old;
	uint free;
	uint32_t word = 7;

	mm_brk_start(mm, AT + 1);
	UNIT_CHECK(mm_sbrk(mm, 0, &old) == 0 && old == AT + PGSIZE);
	UNIT_CHECK(mm_sbrk(mm, -1, &old) == -EINVAL);
	UNIT_CHECK(mm_sbrk(mm, 5, &old) == 0 && old == AT + PGSIZE);
	UNIT_CHECK(mm->areas.size == PGSIZE);
	UNIT_CHECK(mm_sbrk(mm, 8 * PGSIZE, &old) == 0);
	UNIT_CHECK(old == AT + PGSIZE + 5 && mm->areas.size == 9 * PGSIZE);
	free = kalloc_free();
	UNIT_CHECK(mm_poke(mm, AT + 8 * PGSIZE, &word, 4) == 0);
	UNIT_CHECK(kalloc_free() == free - 2); // with its table
	UNIT_CHECK(mm_sbrk(mm, -0x7FFFFFFF - 1, &old) == -EINVAL);
	UNIT_CHECK(mm_sbrk(mm, -0x7FFFFFFF, &old) == -EINVAL);
	UNIT_CHECK(mm_sbrk(mm, 0x7FFFFFFF, &old) == -ENOMEM);
	UNIT_CHECK(mm_pages(mm) == 1 && mm->areas.size == 9 * PGSIZE);
	UNIT_CHECK(mm_sbrk(mm, -2 * PGSIZE, &old) == 0);
	UNIT_CHECK(mm_pages(mm) == 0);
	UNIT_CHECK(mm_sbrk(mm, 2 * PGSIZE, &old) == 0);
	UNIT_CHECK(touch(mm, AT + 8 * PGSIZE, ACCESS_READ) == 0);
	UNIT_CHECK(*(uint32_t *)P2V(PTE_ADDR(entry_at(mm, AT + 8 * PGSIZE))) ==
		   0);
	mm_put(mm);
}

// Catches: PROT_NONE loses pages, or pages stay readable under it. An entry
// keeps W after the right to write is gone.
UNIT(mm_mprotect_keeps_pages)
{
	uint before = kalloc_free();
	struct mm *mm = mm_new();
	uint32_t word = 42;
	paddr_t pa;
	struct page *pg;

	UNIT_CHECK(mm_map(mm, &ZEROS(AT, 3 * PGSIZE, 0,
				     AREA_READ | AREA_WRITE)) == 0);
	UNIT_CHECK(mm_poke(mm, AT + PGSIZE, &word, 4) == 0);
	pa = PTE_ADDR(entry_at(mm, AT + PGSIZE));
	UNIT_CHECK(mm_mprotect(mm, AT + PGSIZE, PGSIZE, PROT_NONE) == 0);
	UNIT_CHECK(!(entry_at(mm, AT + PGSIZE) & PTE_P) && mm_pages(mm) == 1);
	UNIT_CHECK(user_page(mm, AT + PGSIZE, ACCESS_READ, &pg) == -EFAULT);
	UNIT_CHECK(mm_mprotect(mm, AT, 3 * PGSIZE, PROT_READ) == 0);
	UNIT_CHECK(touch(mm, AT + PGSIZE, ACCESS_WRITE) == -EFAULT);
	UNIT_CHECK(touch(mm, AT + PGSIZE, ACCESS_READ) == 0);
	UNIT_CHECK((entry_at(mm, AT + PGSIZE) & ~(PTE_A | PTE_D)) ==
		   (pa | PTE_P | PTE_U));
	UNIT_CHECK(mm_mprotect(mm, AT, 4 * PGSIZE, PROT_READ) == -ENOMEM);
	UNIT_CHECK(mm_mprotect(mm, AT, 3 * PGSIZE, PROT_WRITE) == 0);
	UNIT_CHECK(touch(mm, AT + PGSIZE, ACCESS_WRITE) == 0);
	UNIT_CHECK(PTE_ADDR(entry_at(mm, AT + PGSIZE)) == pa);
	UNIT_CHECK(entry_at(mm, AT + PGSIZE) & PTE_W);
	mm_put(mm);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: mmap accepts impossible arguments.
UNIT(mm_mmap_checks)
{
	struct mm *mm = mm_new();
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	vaddr_t a;

	UNIT_CHECK(mm_mmap(mm, &ZEROS(0, 0, PROT_READ, anon), &a) == -EINVAL);
	UNIT_CHECK(mm_mmap(mm, &ZEROS(0, 1, PROT_READ, MAP_ANONYMOUS), &a) ==
		   -EINVAL);
	UNIT_CHECK(mm_mmap(mm, &ZEROS(5, 1, PROT_READ, anon | MAP_FIXED), &a) ==
		   -EINVAL);
	UNIT_CHECK(mm_mmap(mm, &ZEROS(0, 0xFFFFFFFF, PROT_READ, anon), &a) ==
		   -ENOMEM);
	mm_put(mm);
}

// Catches: mmap gives out addresses that are in use, or ignores MAP_FIXED.
UNIT(mm_mmap_finds_room)
{
	uint before = kalloc_free();
	struct mm *mm = mm_new();
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	vaddr_t a, b, c;

	UNIT_CHECK(mm_mmap(mm, &ZEROS(0, 3 * PGSIZE, PROT_WRITE, anon), &a) ==
		   0);
	UNIT_CHECK(mm_mmap(mm, &ZEROS(0, 1, PROT_READ, anon), &b) == 0);
	UNIT_CHECK(a >= BRK_MAX && b >= a + 3 * PGSIZE);
	UNIT_CHECK(touch(mm, a + PGSIZE, ACCESS_WRITE) == 0);
	UNIT_CHECK(
		mm_mmap(mm,
			&ZEROS(a + PGSIZE, PGSIZE, PROT_READ, anon | MAP_FIXED),
			&c) == 0);
	UNIT_CHECK(c == a + PGSIZE && mm_pages(mm) == 0);
	UNIT_CHECK(mm->areas.size == 4 * PGSIZE);
	UNIT_CHECK(touch(mm, c, ACCESS_WRITE) == -EFAULT);
	UNIT_CHECK(mm_munmap(mm, c, PGSIZE) == 0);
	UNIT_CHECK(mm_mmap(mm, &ZEROS(0, PGSIZE, PROT_READ, anon), &b) == 0);
	UNIT_CHECK(b == c);
	UNIT_CHECK(mm_msync(mm, a, 3 * PGSIZE) == 0);
	UNIT_CHECK(mm_msync(mm, a, 9 * PGSIZE) == -ENOMEM);
	mm_put(mm);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: frames or areas are lost, or pages change, when the k-th allocation
// of a sequence of mm calls fails, for every k.
UNIT(mm_without_memory)
{
	uint before = kalloc_free(), k;
	bool done = false;
	struct mm *mm;
	vaddr_t at;

	for (k = 1; !done && k < 50; k++) {
		kalloc_fail_at(k);
		mm = mm_new();
		if (mm) {
			done = mm_map(mm, &ZEROS(AT, 9 * PGSIZE, 0,
						 AREA_READ | AREA_WRITE)) ==
				       0 &&
			       touch(mm, AT, ACCESS_WRITE) == 0 &&
			       touch(mm, AT + PGSIZE, ACCESS_READ) == 0 &&
			       mm_mmap(mm,
				       &ZEROS(0, PGSIZE, PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS),
				       &at) == 0 &&
			       touch(mm, at, ACCESS_WRITE) == 0 &&
			       mm_mprotect(mm, AT + PGSIZE, PGSIZE,
					   PROT_NONE) == 0 &&
			       mm_munmap(mm, AT + 4 * PGSIZE, PGSIZE) == 0;
			mm_put(mm);
		}
		kalloc_fail_at(0);
		UNIT_CHECK(kalloc_free() == before);
	}
	UNIT_CHECK(done && k > 8);
}
