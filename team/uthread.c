// A thread of a process. On its kernel stack it finds, when it first runs:
//
//	kstack -> +------------------+
//	          | trapframe        |  the user registers: the maker's to fill
//	          | return address   |  trapret: pops the trapframe: user mode
//	          | context          |  swtch pops it; then thread_begin calls
//	          +------------------+  start, and returns to trapret
#include "team/uthread.h"
#include "abi/errno.h"
#include "kern/slab.h"
#include "lib/string.h"
#include "mmu.h"
#include "team/ids.h"
#include "team/kstack.h"
#include "vm.h"

static struct slab uthreads;

void
uthread_init(void)
{
	slab_init(&uthreads, "threads", sizeof(struct uthread));
}

int
uthread_new(void (*start)(void), struct uthread **out)
{
	struct uthread *u = slab_alloc(&uthreads);
	vaddr_t kstack = u ? kstack_get() : 0;
	int tid = kstack ? id_take() : -ENOMEM;

	if (tid < 0) {
		if (kstack)
			kstack_put(kstack);
		slab_free(&uthreads, u);
		return tid;
	}
	u->tid = tid;
	list_init(&u->link);
	waitq_init(&u->end, "join");
	thread_init(&u->thread, kstack, V2P(kpgdir), sizeof(struct trapframe),
		    start);
	*out = u;
	return 0;
}

void
uthread_free(struct uthread *u)
{
	if (u->thread.state != THREAD_NEW)
		thread_reap(&u->thread);
	kstack_put(u->thread.kstack);
	slab_free(&uthreads, u);
}

void
trapframe_start(struct trapframe *tf, vaddr_t eip, vaddr_t esp)
{
	memset(tf, 0, sizeof(*tf));
	tf->cs = SEL_UCODE;
	tf->ds = tf->es = tf->ss = SEL_UDATA;
	tf->eflags = FL_IF;
	tf->eip = eip;
	tf->esp = esp;
}
