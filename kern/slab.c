// Small objects.
//
//	a page:  | struct head | object | object | free | object | free | ...
//	               \__ first free ___________________^  \_ next __^
//
// A page is in its slab's `partial` ring while it has a free object. An
// object's address, rounded down to the page, leads to its page and so to its
// slab.
#include "kern/slab.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mmu.h"

struct head {
	struct list link;
	struct slab *slab;
	void *free; // first free object, which holds the next one's address
	uint used;
} __attribute__((aligned(32)));

#define ROOM (PGSIZE - sizeof(struct head))

static void *(*page_get_fn)(void);
static void (*page_put_fn)(void *);

void
slab_pages(void *(*get)(void), void (*put)(void *))
{
	page_get_fn = get;
	page_put_fn = put;
}

void
slab_init(struct slab *s, const char *name, uint size)
{
	size = (size + 3) & ~3u;
	assertf(size >= sizeof(void *) && size <= ROOM / 2, "%s: %u", name,
		size);
	lock_init(&s->lock, name, RANK_SLAB);
	list_init(&s->partial);
	s->size = size;
	s->per_page = ROOM / size;
	s->used = 0;
}

// A new page, whose objects are all free, or NULL.
static struct head *
page_new(struct slab *s)
{
	struct head *h = page_get_fn();
	char *obj;

	if (!h)
		return NULL;
	list_init(&h->link);
	h->slab = s;
	h->free = NULL;
	h->used = 0;
	obj = (char *)(h + 1) + s->per_page * s->size;
	while (obj > (char *)(h + 1)) {
		obj -= s->size;
		*(void **)obj = h->free;
		h->free = obj;
	}
	return h;
}

// Takes a free object of page h, which has one. Holds s->lock.
static void *
take(struct slab *s, struct head *h)
{
	void *obj = h->free;

	h->free = *(void **)obj;
	h->used++;
	s->used++;
	if (!h->free)
		list_remove(&h->link);
	return obj;
}

void *
slab_alloc(struct slab *s)
{
	struct head *h;
	void *obj;

	acquire(&s->lock);
	if (list_empty(&s->partial)) {
		h = page_new(s);
		if (!h) {
			release(&s->lock);
			return NULL;
		}
		list_push(&s->partial, &h->link);
	}
	obj = take(s, list_first(&s->partial, struct head, link));
	release(&s->lock);
	return memset(obj, 0, s->size);
}

void
slab_free(struct slab *s, void *obj)
{
	struct head *h;

	if (!obj)
		return;
	h = (struct head *)PGROUNDDOWN((vaddr_t)obj);
	assertf(h->slab == s && h->used > 0, "%s: %p", s->lock.name, obj);
	acquire(&s->lock);
	if (!h->free)
		list_push(&s->partial, &h->link);
	*(void **)obj = h->free;
	h->free = obj;
	h->used--;
	s->used--;
	if (h->used == 0)
		list_remove(&h->link);
	else
		h = NULL;
	release(&s->lock);
	if (h)
		page_put_fn(h);
}
