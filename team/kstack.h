// Kernel stacks: every thread but the first CPU's first one has its own.
#pragma once
#include "lib/types.h"

// The top of a stack that nobody else has. 0 if memory or the stacks are out.
vaddr_t kstack_get(void);
// Gives it back, with its frames, for the next kstack_get.
void kstack_put(vaddr_t top);
