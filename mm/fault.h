// The one way in which a user page comes to be there.
#pragma once
#include "mm/mm.h"

#define ACCESS_READ  0
#define ACCESS_WRITE 1

// Why an access is refused, for the message about a dying process.
enum fault_rule {
	FAULT_OK,
	FAULT_NO_AREA,   // nothing belongs at that address
	FAULT_READ_ONLY, // the area does not permit writes
	FAULT_NO_ACCESS, // ... nor reads
	FAULT_PAST_END,  // past the end of the mapped file
};

// Makes va usable for the access in mm. 0; -EFAULT (*rule says why; may be
// NULL), -ENOMEM (nothing changed: reclaim and try again), -EIO. Takes
// mm->lock; sleeps.
int mm_fault(struct mm *mm, vaddr_t va, int access, enum fault_rule *rule)
	__must_check;

// Describes the area at va for a message: "text", "data", "heap", "stack",
// "mapping", "nothing".
const char *mm_describe(struct mm *mm, vaddr_t va);
