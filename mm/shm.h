// Shared anonymous memory: the object behind mmap(MAP_SHARED | MAP_ANONYMOUS),
// which a parent and its children write to together.
#pragma once
#include "kalloc.h"
#include "lib/list.h"
#include "lib/types.h"

struct shm;

void shm_init(void);

// len bytes of zeros, with one reference, or NULL if memory is out.
struct shm *shm_new(uint len);
struct shm *shm_get(struct shm *s); // returns s
void shm_put(struct shm *s);        // the last one frees the pages

// An area that shows the object is a user of it. One user's space is charged
// with the object's pages, mapped or not: *charge counts them.
struct shm_user {
	struct list link; // in the object's list
	uint *charge;     // [a] the space's
};

void shm_enlist(struct shm *s, struct shm_user *u);
void shm_delist(struct shm *s, struct shm_user *u);

// Page number `index`, made on first use, with a reference for the caller. 0 or
// -ENOMEM.
int shm_page(struct shm *s, uint index, struct page **pg) __must_check;
