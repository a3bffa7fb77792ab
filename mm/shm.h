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

// An area that shows the object enters or leaves its list. One of the spaces in
// the list is charged with the object's pages (mm->charge), mapped or not.
struct area;
void shm_enlist(struct shm *s, struct area *a);
void shm_delist(struct shm *s, struct area *a);

// Page number `index`, made on first use, with a reference for the caller. 0 or
// -ENOMEM.
int shm_page(struct shm *s, uint index, struct page **pg) __must_check;
