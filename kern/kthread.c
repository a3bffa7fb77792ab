// Kernel threads: a few, out of an array, given out once.
#include "kern/kthread.h"
#include "abi/errno.h"
#include "kern/sched.h"

#define KTHREADS 32

static struct thread kthreads[KTHREADS];
static int nkthreads;                // [a] how many are given out
static vaddr_t (*stack_source)(void); // [I]

void
kthread_init(vaddr_t (*new_stack)(void))
{
	stack_source = new_stack;
}

int
kthread_start(const char *name, void (*fn)(void))
{
	vaddr_t kstack = stack_source();
	int n = __atomic_fetch_add(&nkthreads, 1, __ATOMIC_RELAXED);

	if (!kstack || n >= KTHREADS)
		return -ENOMEM;
	thread_init(&kthreads[n], kstack, 0, 0, fn);
	kthreads[n].name = name;
	thread_ready(&kthreads[n]);
	return 0;
}
