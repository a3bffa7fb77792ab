// Kernel stacks. The stack that was given back last is given out first, because
// its frames may still be in a cache. A slot of the address space gets frames
// when it is needed for the first time, and keeps them.
//
// The slots are enough: NTHREAD for the threads of processes, the rest for the
// kernel's own threads and for idle CPUs.
#include "team/kstack.h"
#include "abi/limits.h"
#include "kern/lock.h"
#include "memlayout.h"
#include "vm.h"

_Static_assert(NTHREAD + 64 <= KSTACK_COUNT, "the kernel's threads need slots");

static struct spinlock stack_lock = SPINLOCK("stacks", RANK_IDS);
static vaddr_t stacks[KSTACK_COUNT]; // stack_lock: those that nobody uses
static uint nstacks, nmapped;	     // stack_lock: how many; how many in all

vaddr_t
kstack_get(void)
{
	vaddr_t top = 0;

	acquire(&stack_lock);
	if (nstacks > 0) {
		top = stacks[--nstacks];
	} else if (nmapped < KSTACK_COUNT) {
		top = kstack_map(nmapped);
		nmapped += top != 0;
	}
	release(&stack_lock);
	return top;
}

void
kstack_put(vaddr_t top)
{
	acquire(&stack_lock);
	stacks[nstacks++] = top;
	release(&stack_lock);
}
