// The decision of a page fault; mm/fault.c carries it out.
#pragma once
#include "mm/access.h"
#include "mm/areapage.h"

// What a fault finds, as far as the decision needs it.
struct fault_view {
	enum {
		PLACE_NOTHING, // no area
		PLACE_REACH,   // no area, but a stack above may grow to here
		PLACE_AREA,    // an area: the rest is meant
	} place;
	bool readable, writable; // what the area permits
	bool shared;             // else private
	enum page_kind kind;     // what the page is made of
	bool past_end;           // its object ends before it
	enum entry_kind entry;
	int access; // ACCESS_READ, ACCESS_WRITE
};

enum fault_do {
	DO_GROW,       // extend the stack area, look again
	DO_REFUSE,     // kill; -EFAULT for the kernel on its behalf
	DO_NOTHING,    // someone else was first
	// Rows from here on change the entry.
	DO_UNHIDE,     // make the kept page present, look again
	DO_BRING_BACK, // the page comes from swap
	DO_ZERO,       // a zero page
	DO_FILL,       // a fresh page: the object's bytes, then zeros
	DO_MAP,        // the object's page, read-only
	DO_COPY,       // a copy of the object's page
	DO_SHARE,      // the object's page, marked dirty, writable
	DO_UNSHARE,    // last owner? make it writable : copy
	DO_COUNT
};

// Why an access is refused, for the message about a dying process.
enum fault_rule {
	FAULT_OK,
	FAULT_NO_AREA,   // nothing belongs at that address
	FAULT_READ_ONLY, // the area does not permit writes
	FAULT_NO_ACCESS, // ... nor reads
	FAULT_PAST_END,  // past the end of the mapped file
};

// What is to be done. A pure function: it reads *v and nothing else.
enum fault_do fault_case(const struct fault_view *v);

// Why, where fault_case says DO_REFUSE.
enum fault_rule fault_why(const struct fault_view *v);
