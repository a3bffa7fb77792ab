// The index of a directory, in memory: which slots have a name with a given
// hash, and which slots are free. So the cost of an operation does not grow
// with the directory.
//
// The index never says what a name refers to. It says where to look; whoever
// asks it compares the name in the directory's page. It is made from these
// pages when it is needed, and it may be thrown away at any time.
//
// All functions hold the directory's lock, or are the last ones that know the
// directory. None sleeps.
#pragma once
#include "lib/types.h"

struct dirindex;

// An empty index with room for n slots and some more. NULL if the directory is
// too large, memory is out, or all indexes together have too many pages.
struct dirindex *dirindex_new(uint n);
// How many pages all indexes have.
uint dirindex_pages(void);
// Throws *x away, if there is an index: *x gets NULL.
void dirindex_drop(struct dirindex **x);

// Enters a slot, which is not yet in the index: with the hash of its name, or
// as a free one. n was greater than slot.
void dirindex_add(struct dirindex *x, uint hash, uint slot);
void dirindex_add_free(struct dirindex *x, uint slot);

// The directory changes. *x may be NULL; it gets NULL if the index has no room
// for a slot, or does not fit the directory: on a damaged disk, somebody else
// may write to a directory's block.
// A slot has got a name. It was free, or stands behind the last one (`added`).
void dirindex_named(struct dirindex **x, uint hash, uint slot, bool added);
// A slot has lost the name with that hash.
void dirindex_unnamed(struct dirindex **x, uint hash, uint slot);
// The slots from `from` to `end` have left the directory. They were free.
void dirindex_cut(struct dirindex **x, uint from, uint end);

// A slot whose name may have the hash: the first one if after is -1, else the
// one after that. -1 if there is none.
int dirindex_find(const struct dirindex *x, uint hash, int after);
// The lowest free slot, or -1.
int dirindex_find_free(const struct dirindex *x);
