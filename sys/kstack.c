// Stacks for threads without a process: the slots behind those of the
// processes, each given out once.
#include "sys/kstack.h"
#include "abi/limits.h"
#include "memlayout.h"
#include "vm.h"

vaddr_t
kstack_new(void)
{
	static int taken; // [a]
	uint slot = NPROC + __atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);

	return slot < KSTACK_COUNT ? kstack_map(slot) : 0;
}
