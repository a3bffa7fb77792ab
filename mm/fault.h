// The only code that maps a user page.
#pragma once
#include "mm/access.h"
#include "mm/fault_case.h"
#include "mm/space.h"

struct vminfo;

// Fills in how often each row of the table was taken.
void fault_count(struct vminfo *v);

// Makes va usable for the access in mm. 0; -EFAULT (*rule says why; may be
// NULL), -ENOMEM (nothing changed: reclaim and try again), -EIO. Takes
// mm->lock; sleeps.
int mm_fault(struct mm *mm, vaddr_t va, int access, enum fault_rule *rule)
	__must_check;
