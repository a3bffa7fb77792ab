// Shared anonymous memory. Pages come by faults, in any order and from any of
// the processes, so the object must remember which page is at which place. A
// page directory does that: the object is one that no CPU ever loads. Its entry
// for address index * PGSIZE holds page `index`, with a reference.
//
// Invariant: an entry does not change from its first use until the last
// reference to the object goes. So all spaces map the same page at a place.
//
// The pages stay while any area shows the object, mapped or not. So that they
// count for somebody when memory is out, one space of the list is charged with
// them. When it leaves, the next one is.
#include "mm/shm.h"
#include "abi/errno.h"
#include "kern/lock.h"
#include "kern/slab.h"
#include "lib/assert.h"
#include "mm/cursor.h"
#include "vm.h"

struct shm {
	int refs;             // [a] areas
	struct spinlock lock; // RANK_PAGE_TABLE, for all below
	uint len;             // [I] bytes
	pde_t *pgdir;         // [I] its entries: the lock
	uint pages;           // entries that are present
	struct list users;    // of struct shm_user
	uint *payer;          // the charge that counts the pages; NULL: no user
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
	list_init(&s->users);
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

// ---- The charge ------------------------------------------------------------

static void
add_charge(uint *charge, int pages)
{
	__atomic_fetch_add(charge, pages, __ATOMIC_RELAXED);
}

// Holds s->lock.
static void
set_payer(struct shm *s, uint *charge)
{
	assert(holding(&s->lock));
	if (s->payer)
		add_charge(s->payer, -(int)s->pages);
	if (charge)
		add_charge(charge, s->pages);
	s->payer = charge;
}

void
shm_enlist(struct shm *s, struct shm_user *u)
{
	acquire(&s->lock);
	list_append(&s->users, &u->link);
	if (!s->payer)
		set_payer(s, u->charge);
	release(&s->lock);
}

void
shm_delist(struct shm *s, struct shm_user *u)
{
	struct list *users = &s->users;

	acquire(&s->lock);
	list_remove(&u->link);
	if (list_empty(users))
		set_payer(s, NULL);
	else if (s->payer == u->charge)
		set_payer(s, list_first(users, struct shm_user, link)->charge);
	release(&s->lock);
}

// ---- Pages -----------------------------------------------------------------

// The page of entry pte, made if it is absent; NULL if memory is out. Holds
// s->lock.
static struct page *
make_page(struct shm *s, pte_t *pte)
{
	void *va;

	if (*pte)
		return page_of_pa(PTE_ADDR(*pte));
	va = kalloc_zero();
	if (!va)
		return NULL;
	*pte = V2P(va) | PTE_P;
	s->pages++;
	if (s->payer)
		add_charge(s->payer, 1);
	return page_of(va);
}

int
shm_page(struct shm *s, uint index, struct page **pg)
{
	pte_t *pte;

	assert(index < PGROUNDUP(s->len) / PGSIZE);
	acquire(&s->lock);
	pte = walkpgdir(s->pgdir, (void *)(vaddr_t)(index * PGSIZE), 1);
	*pg = pte ? make_page(s, pte) : NULL;
	if (*pg)
		page_get(*pg);
	release(&s->lock);
	return *pg ? 0 : -ENOMEM;
}
