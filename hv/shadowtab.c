// Shadows and their entries (hv/shadowtab.h).
#include "hv/shadowtab.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "kern/slab.h"
#include "lib/string.h"

#define FRAMES_PER_PAGE (PGSIZE / sizeof(struct frame))

#ifdef KERNEL // the host has larger pointers, and tests small guests
_Static_assert(SHADOW_MEMORY_MAX / PGSIZE / FRAMES_PER_PAGE <
		       PGSIZE / sizeof(struct frame *),
	       "one page has room for all pointers");
#endif

static struct slab shadow_slab;

void
shadow_init(void)
{
	slab_init(&shadow_slab, "shadow", sizeof(struct shadow));
}

// ---- The guest's pages -----------------------------------------------------

static uint
frame_pages(const struct shadow_space *s)
{
	return (s->mem->size / PGSIZE + FRAMES_PER_PAGE - 1) / FRAMES_PER_PAGE;
}

int
frames_begin(struct shadow_space *s)
{
	s->frames = kalloc_zero();
	if (!s->frames)
		return -ENOMEM;
	for (uint i = 0; i < frame_pages(s); i++) {
		s->frames[i] = kalloc_zero();
		if (!s->frames[i])
			return -ENOMEM;
	}
	for (uint pa = 0; pa < s->mem->size; pa += PGSIZE)
		frame_of(s, pa)->number = pa / PGSIZE;
	return 0;
}

void
frames_end(struct shadow_space *s)
{
	if (!s->frames)
		return;
	for (uint i = 0; i < frame_pages(s); i++)
		if (s->frames[i])
			kfree(s->frames[i]);
	kfree(s->frames);
}

struct frame *
frame_of(const struct shadow_space *s, uint32_t pa)
{
	uint n = pa / PGSIZE;

	assert(guest_has(s->mem, pa, 1));
	return &s->frames[n / FRAMES_PER_PAGE][n % FRAMES_PER_PAGE];
}

// ---- Chains ----------------------------------------------------------------

// The shadow that an entry belongs to: its page's record names it.
static struct shadow *
shadow_of(const void *page)
{
	return page_of(page)->owner;
}

static paddr_t *
chain_next(const pte_t *e)
{
	struct shadow *t = shadow_of(e);

	return &t->chain[e - t->entry];
}

static void
chain_push(paddr_t *head, pte_t *e)
{
	*chain_next(e) = *head;
	*head = V2P(e);
}

// The first entry, which leaves the chain; NULL: the chain is empty.
static pte_t *
chain_pop(paddr_t *head)
{
	pte_t *e = *head ? P2V(*head) : NULL;

	if (e)
		*head = *chain_next(e);
	return e;
}

static void
chain_remove(paddr_t *head, const pte_t *e)
{
	while (*head != V2P(e))
		head = chain_next(P2V(*head));
	*head = *chain_next(e);
}

// ---- Entries ---------------------------------------------------------------

struct shadow *
shadow_child(const struct shadow *dir, uint i)
{
	return dir->entry[i] ? shadow_of(P2V(PTE_ADDR(dir->entry[i]))) : NULL;
}

void
shadow_link(struct shadow *dir, uint i, struct shadow *t, pte_t perm,
	    pte_t seen)
{
	assert(!dir->entry[i]);
	dir->entry[i] = V2P(t->entry) | PTE_P | PTE_A | perm;
	dir->seen[i] = seen;
	chain_push(&t->parents, &dir->entry[i]);
}

// The entry no longer leads anywhere. Its page's record has the chain that it
// is in.
static void
leave_chain(struct shadow_space *s, struct shadow *t, uint i)
{
	struct shadow *child;

	if (t->kind != SHADOW_DIR) {
		if (t->entry[i] & PTE_W)
			chain_remove(
				&frame_of(s, PTE_ADDR(t->seen[i]))->writers,
				&t->entry[i]);
		return;
	}
	child = shadow_child(t, i);
	chain_remove(&child->parents, &t->entry[i]);
	if (child->kind == SHADOW_PRIVATE)
		shadow_free(s, child);
}

void
shadow_clear(struct shadow_space *s, struct shadow *t, uint i)
{
	if (!t->entry[i])
		return;
	leave_chain(s, t, i);
	t->entry[i] = 0;
	s->fresh = true;
}

void
shadow_set(struct shadow_space *s, struct shadow *t, uint i, pte_t entry,
	   pte_t seen)
{
	shadow_clear(s, t, i);
	t->entry[i] = entry | PTE_P | PTE_A | PTE_D;
	t->seen[i] = seen;
	if (entry & PTE_W)
		chain_push(&frame_of(s, PTE_ADDR(seen))->writers, &t->entry[i]);
}

void
shadow_protect(struct shadow_space *s, struct frame *f)
{
	pte_t *e;

	while ((e = chain_pop(&f->writers))) {
		*e &= ~PTE_W;
		s->fresh = true;
	}
}

void
shadow_unsync(struct shadow_space *s, struct frame *f)
{
	assert(f->shadows && !f->unsynced);
	f->unsynced = true;
	f->next = s->unsynced;
	s->unsynced = f;
}

// ---- Shadows ---------------------------------------------------------------

struct shadow *
shadow_find(const struct frame *f, enum shadow_kind kind)
{
	struct shadow *t = f->shadows;

	while (t && t->kind != kind)
		t = t->next;
	return t;
}

static void
shadow_pages_free(struct shadow *t)
{
	void *page[] = { t->entry, t->seen, t->chain };

	if (t->entry)
		page_of(t->entry)->owner = NULL;
	for (uint i = 0; i < sizeof(page) / sizeof(page[0]); i++)
		if (page[i])
			kfree(page[i]);
	slab_free(&shadow_slab, t);
}

static struct shadow *
shadow_pages_new(void)
{
	struct shadow *t = slab_alloc(&shadow_slab);

	if (!t)
		return NULL;
	t->entry = kalloc_zero();
	t->seen = kalloc();
	t->chain = kalloc();
	if (t->entry && t->seen && t->chain) {
		page_of(t->entry)->owner = t;
		return t;
	}
	shadow_pages_free(t);
	return NULL;
}

struct shadow *
shadow_make(struct shadow_space *s, enum shadow_kind kind, struct frame *f)
{
	struct shadow *t = s->count < s->max ? shadow_pages_new() : NULL;

	if (!t)
		return NULL;
	t->kind = kind;
	t->frame = f;
	list_push(&s->shadows, &t->link);
	s->count++;
	if (!f)
		return t;
	t->next = f->shadows;
	f->shadows = t;
	if (!f->unsynced)
		shadow_protect(s, f);
	return t;
}

static void
leave_frame(struct shadow *t)
{
	struct shadow **p = &t->frame->shadows;

	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
}

void
shadow_free(struct shadow_space *s, struct shadow *t)
{
	pte_t *e;

	while ((e = chain_pop(&t->parents)))
		*e = 0;
	for (uint i = 0; i < NPTENTRIES; i++)
		shadow_clear(s, t, i);
	if (t->frame)
		leave_frame(t);
	if (s->root == t)
		s->root = NULL;
	list_remove(&t->link);
	s->count--;
	s->fresh = true;
	shadow_pages_free(t);
}

void
shadow_free_all(struct shadow_space *s)
{
	while (!list_empty(&s->shadows))
		shadow_free(s, list_first(&s->shadows, struct shadow, link));
	for (; s->unsynced; s->unsynced = s->unsynced->next)
		s->unsynced->unsynced = false;
}
