// Small objects of one size, cut from pages. A page whose objects are all free
// is given back.
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
// obj comes from s. NULL is allowed, and nothing happens.
void slab_free(struct slab *s, void *obj);

// Sets where pages come from and go to. kalloc.c calls it, because kern is
// below kalloc.
void slab_pages(void *(*get)(void), void (*put)(void *));
