// Part E of the lab: your own test. It must pass on a right kernel and fail on
// one to which lab/bug.patch was applied.
#include "kern/unit.h"
#include "mm/table.h"
