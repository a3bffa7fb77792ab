// Unit tests of kalloc.c and kern/slab.c.
#include "kalloc.h"
#include "kern/slab.h"
#include "kern/pagecheck.h"
#include "kern/unit.h"
#include "lib/string.h"

// Catches: kalloc gives a page out twice, or loses a page, when memory runs
// out.
UNIT(kalloc_to_exhaustion)
{
	uint before = kalloc_free(), n = 0, same = 0;
	void *head = NULL, *va;

	// The pages taken form a chain through their first words.
	while ((va = kalloc())) {
		*(void **)va = head;
		head = va;
		n++;
	}
	UNIT_CHECK(n == before);
	UNIT_CHECK(kalloc_free() == 0);
	UNIT_CHECK(!kalloc_zero());
	while ((va = head)) {
		same += page_of(va)->refs == 1;
		head = *(void **)va;
		kfree(va);
	}
	UNIT_CHECK(same == n);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: a page is freed while it still has a reference.
UNIT(page_references)
{
	uint before = kalloc_free();
	void *va = kalloc();

	page_get(page_of(va));
	kfree(va);
	UNIT_CHECK(kalloc_free() == before - 1);
	UNIT_CHECK(page_of(va)->refs == 1);
	kfree(va);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: an address conversion that is wrong by one frame.
UNIT(page_addresses)
{
	void *va = kalloc();
	struct page *pg = page_of((char *)va + 123);

	UNIT_CHECK(page_va(pg) == va);
	UNIT_CHECK(page_of_pa(page_pa(pg)) == pg);
	UNIT_CHECK(V2P(va) == page_pa(pg));
	UNIT_CHECK(P2V(page_pa(pg)) == va);
	kfree(va);
}

// Catches: kalloc gives out a page below the kernel or above RAM, and
// kalloc_zero returns a page with old contents.
UNIT(kalloc_where)
{
	extern char end[];
	uint *va = kalloc();
	uint sum = 0;

	UNIT_CHECK((char *)va >= end);
	UNIT_CHECK(V2P(va) < PHYSTOP);
	UNIT_CHECK(PGOFFSET((vaddr_t)va) == 0);
	memset(va, 0xFF, PGSIZE);
	kfree(va);
	va = kalloc_zero();
	for (uint i = 0; i < PGSIZE / sizeof(uint); i++)
		sum |= va[i];
	UNIT_CHECK(sum == 0);
	kfree(va);
}

// Catches: kalloc_fail_at does nothing, so that the tests that use it test
// nothing.
UNIT(kalloc_fails_on_demand)
{
	void *a, *b;

	kalloc_fail_at(2);
	a = kalloc();
	b = kalloc();
	UNIT_CHECK(a && !b);
	UNIT_CHECK(!kalloc());
	kalloc_fail_at(0);
	kfree(a);
}

// Catches: objects that overlap, an object that is not zero at first, and an
// empty slab that keeps its page.
UNIT(slab_objects)
{
	static struct slab s;
	static uint *obj[400];
	uint before = kalloc_free(), wrong = 0;

	slab_init(&s, "test", 48);
	for (uint i = 0; i < countof(obj); i++) {
		obj[i] = slab_alloc(&s);
		for (uint k = 0; k < 12; k++) {
			wrong += obj[i][k] != 0;
			obj[i][k] = i;
		}
	}
	for (uint i = 0; i < countof(obj); i++)
		for (uint k = 0; k < 12; k++)
			wrong += obj[i][k] != i;
	UNIT_CHECK(wrong == 0);
	UNIT_CHECK(s.used == countof(obj));
	for (uint i = 0; i < countof(obj); i += 2)
		slab_free(&s, obj[i]);
	for (uint i = 1; i < countof(obj); i += 2)
		slab_free(&s, obj[i]);
	slab_free(&s, NULL);
	UNIT_CHECK(s.used == 0);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: a slab that loses its page or keeps its lock when memory runs out.
UNIT(slab_without_memory)
{
	static struct slab s;
	void *obj;

	slab_init(&s, "test", 64);
	kalloc_fail_at(1);
	UNIT_CHECK(!slab_alloc(&s));
	kalloc_fail_at(0);
	obj = slab_alloc(&s);
	UNIT_CHECK(obj);
	slab_free(&s, obj);
}

// Catches: a page that kfree_zero took is not zero when kalloc_zero gives it
// out, is lost to kalloc, or is not counted as free.
UNIT(known_zero_pages)
{
	uint before = kalloc_free();
	uint32_t *a = kalloc_zero(), *b;

	UNIT_CHECK(a[0] == 0 && a[PGSIZE / 4 - 1] == 0);
	kfree_zero(a);
	UNIT_CHECK(kalloc_free() == before);
	b = kalloc_zero();
	UNIT_CHECK(b == a && page_of(b)->refs == 1 && b[7] == 0);
	b[7] = 1;
	kfree(b);
	b = kalloc_zero();
	UNIT_CHECK(b[7] == 0);
	kfree(b);
	UNIT_CHECK(kalloc_free() == before);
}
