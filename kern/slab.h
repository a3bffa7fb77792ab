// Small objects of one size, cut from pages. A page without objects goes back.
#pragma once
#include "kern/lock.h"
#include "lib/list.h"
#include "lib/types.h"

struct slab {
	struct spinlock lock;
	struct list partial; // pages with a free object
	uint size;           // [I] bytes of an object, a multiple of 4 (or 16)
	uint per_page;       // [I]
	uint used;           // objects given out
};

// size <= 2032. Objects are aligned to 16 bytes if size is a multiple of 16,
// else to 4.
void slab_init(struct slab *s, const char *name, uint size);
// A zeroed object, or NULL if memory is out. Does not sleep.
void *slab_alloc(struct slab *s);
// obj must come from s; NULL is no object and allowed.
void slab_free(struct slab *s, void *obj);

// Where pages come from and go to: kalloc.c registers itself (floors: kern does
// not know kalloc).
void slab_pages(void *(*get)(void), void (*put)(void *));
