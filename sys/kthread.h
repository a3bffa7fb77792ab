// Threads of the kernel, without a process. They are never ended.
#pragma once
#include "lib/types.h"

// A thread running fn(), which must not return. 0, or -ENOMEM.
int kthread_start(const char *name, void (*fn)(void)) __must_check;

// A stack for a thread made by hand (a CPU's idle thread): its top, or 0 if
// memory or the stacks are out.
vaddr_t kthread_stack(void);
