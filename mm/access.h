// What a program, or the kernel for it, wants to do with user memory, and what
// the entry of a page says about it.
#pragma once

#define ACCESS_READ  0
#define ACCESS_WRITE 1

// The kinds of an entry; mm/entry.h has their bits.
enum entry_kind {
	ENTRY_ABSENT,
	ENTRY_HIDDEN, // a frame, but no access
	ENTRY_SWAPPED, // no frame, but a slot of swap
	ENTRY_RO,
	ENTRY_RW,
};
