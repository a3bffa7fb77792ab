// Shared anonymous memory. Something must remember which page is at which place
// of the object, for pages come by faults, in any order, from any of the
// processes. We have such a thing already: the object is a page directory that
// no CPU ever loads. Its entry for address index * PGSIZE holds page `index`,
// with a reference.
//
// Invariant: an entry never changes once it is there, until the last reference
// to the object goes; so all who map a place map the same page.
#include "mm/shm.h"
#include "abi/errno.h"
#include "kern/lock.h"
#include "kern/slab.h"
#include "lib/assert.h"
#include "mm/cursor.h"
#include "vm.h"

struct shm {
	int refs;             // [a] areas
	struct spinlock lock; // RANK_PAGE_TABLE, for the entries
	uint len;             // [I] bytes
	pde_t *pgdir;         // [I]
};

static struct slab shm_slab;

void
shm_init(void)
{
	slab_init(&shm_slab, "shm", sizeof(struct shm));
}

struct shm *
shm_new(uint len)
{
	struct shm *s = slab_alloc(&shm_slab);

	if (!s)
		return NULL;
	s->pgdir = pgdir_new();
	if (!s->pgdir) {
		slab_free(&shm_slab, s);
		return NULL;
	}
	s->refs = 1;
	s->len = len;
	lock_init(&s->lock, "shm", RANK_PAGE_TABLE);
	return s;
}

struct shm *
shm_get(struct shm *s)
{
	__atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

void
shm_put(struct shm *s)
{
	struct cursor c;

	if (__atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (cursor_begin(&c, s->pgdir, 0, PGROUNDUP(s->len)); c.n;
	     cursor_next(&c))
		for (uint i = 0; i < c.n; i++)
			if (c.pte[i]) {
				kfree(P2V(PTE_ADDR(c.pte[i])));
				c.pte[i] = 0;
			}
	pgdir_free(s->pgdir);
	slab_free(&shm_slab, s);
}

// The page of entry pte, made if it is absent; NULL if memory is out.
static struct page *
entry_make(pte_t *pte)
{
	void *va;

	if (*pte)
		return page_of_pa(PTE_ADDR(*pte));
	va = kalloc_zero();
	if (!va)
		return NULL;
	*pte = V2P(va) | PTE_P;
	return page_of(va);
}

int
shm_page(struct shm *s, uint index, struct page **pg)
{
	pte_t *pte;

	assert(index < PGROUNDUP(s->len) / PGSIZE);
	acquire(&s->lock);
	pte = walkpgdir(s->pgdir, (void *)(vaddr_t)(index * PGSIZE), 1);
	*pg = pte ? entry_make(pte) : NULL;
	if (*pg)
		page_get(*pg);
	release(&s->lock);
	return *pg ? 0 : -ENOMEM;
}
