// The kernel stacks that belong to no process: kernel threads' and idle CPUs'.
#pragma once
#include "lib/types.h"

// The top of a stack that nobody else has, for good. 0 if memory or the stacks
// are out.
vaddr_t kstack_new(void);
