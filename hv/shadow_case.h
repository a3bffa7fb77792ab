// What a page fault of a guest means: a pure function, and this table. The
// first row that matches is the answer.
//
//	the guest's tables      the guest's page  the host's entry  do
//	do not allow the access any               any               INJECT
//	allow it                no memory there   -                 NO_MEMORY
//	allow a write           a guest table     any               UNPROTECT
//	allow it                any               does not allow it HOST
//	allow a write           any               allows it         FILL_W
//	allow a read            any               allows it         FILL
//
//	INJECT     the fault is the guest's own, and goes to the guest
//	NO_MEMORY  the guest's machine has nothing at that physical address
//	UNPROTECT  the guest changes a table that has shadows: these are now
//	           out of sync; the page is writable until they are synced
//	HOST       the host's own fault path brings the page; the guest sees
//	           nothing
//	FILL_W     D is set in the guest's entry; the shadow gets W
//	FILL       A is set; W comes with the first write, because that must
//	           set D, or at once if D is set already
//
// A shadow's entry has W only if the guest's entries allow writes and have D,
// and the host's entry allows writes, and the page is no guest table (unless
// out of sync).
#pragma once
#include "lib/types.h"

enum shadow_do { SHADOW_INJECT, SHADOW_NO_MEMORY, SHADOW_UNPROTECT, SHADOW_HOST,
		 SHADOW_FILL_W, SHADOW_FILL };

struct shadow_view {
	bool write;     // the access
	bool allowed;   // the guest's tables allow it
	bool memory;    // the guest's physical address is memory
	bool table;     // the page is a guest table with shadows, in sync
	bool host, host_w; // the host's entry is present; allows writes
	bool guest_w;   // the guest's entries allow writes
	bool guest_d;   // ... and D is set
};

enum shadow_do shadow_case(const struct shadow_view *v);
// May the entry that FILL and FILL_W make have W?
bool shadow_may_write(const struct shadow_view *v);
