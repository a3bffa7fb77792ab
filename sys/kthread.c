// Kernel threads. Their stacks are the slots behind those of the processes.
#include "sys/kthread.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "kern/sched.h"
#include "vm.h"

#define KTHREADS 32

static struct thread threads[KTHREADS]; // by slot - NPROC
static int taken;			// [a] slots given out

_Static_assert(NPROC + KTHREADS <= KSTACK_COUNT, "too few kernel stacks");

// The number of a slot that is ours alone, with its stack; -1: none.
static int
take_slot(vaddr_t *kstack)
{
	int n = __atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);

	*kstack = n < KTHREADS ? kstack_map(NPROC + n) : 0;
	return *kstack != 0 ? n : -1;
}

vaddr_t
kthread_stack(void)
{
	vaddr_t kstack;

	return take_slot(&kstack) >= 0 ? kstack : 0;
}

int
kthread_start(const char *name, void (*fn)(void))
{
	vaddr_t kstack;
	int n = take_slot(&kstack);

	if (n < 0)
		return -ENOMEM;
	thread_init(&threads[n], name, kstack, V2P(kpgdir), 0, fn);
	thread_ready(&threads[n]);
	return 0;
}
