// The only code that maps a user page.
#pragma once
#include "mm/access.h"
#include "mm/mm.h"

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
