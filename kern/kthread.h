// Threads of the kernel, without a process. They never end.
#pragma once
#include "lib/types.h"

// Where their stacks come from: the top of a new stack, or 0. Once, before the
// first kthread_start.
void kthread_init(vaddr_t (*new_stack)(void));
// Starts a thread that runs fn(), which must not return. 0, or -ENOMEM if
// memory, the stacks or the threads are out.
int kthread_start(const char *name, void (*fn)(void)) __must_check;
