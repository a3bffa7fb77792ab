// One page of an area: which bytes of the object belong in it, and the reverse.
// Pure arithmetic.
#pragma once
#include "mm/area.h"

enum page_kind {
	PAGE_ANON,   // no byte of an object is in it
	PAGE_FILLED, // some: not all, or not where the object has them
	PAGE_OBJECT, // it is a page of the object
};

struct area_page {
	enum page_kind kind;
	uint skip; // zeros before the object's bytes
	uint off;  // the first of them in the object
	uint len;  // how many; zeros follow
};

// What belongs in the page at va (a page's start) of a.
struct area_page area_page(const struct area *a, vaddr_t va);

// The reverse: the pages [*start, *end) of a that begin with bytes of pages
// [first, last] of its object. False if there are none.
bool area_pages_of(const struct area *a, uint first, uint last, vaddr_t *start,
		   vaddr_t *end);
