// Shared anonymous memory: the object behind mmap(MAP_SHARED | MAP_ANONYMOUS),
// which a parent and its children write to together.
#pragma once
#include "kalloc.h"
#include "lib/types.h"

struct shm;

void shm_init(void);

// len bytes of zeros, with one reference, or NULL if memory is out.
struct shm *shm_new(uint len);
struct shm *shm_get(struct shm *s); // returns s
void shm_put(struct shm *s);        // the last one frees the pages

// Page number `index`, made on first use, with a reference for the caller. 0 or
// -ENOMEM.
int shm_page(struct shm *s, uint index, struct page **pg) __must_check;
