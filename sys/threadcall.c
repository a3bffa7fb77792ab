// System calls about threads.
#include "abi/errno.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/call.h"
#include "team/futex.h"
#include "team/ids.h"

// Puts what a C function expects on the stack below top: a return address, and
// its argument at a multiple of 16 (i386 System V ABI, 2.2.2).
static int
push_call(vaddr_t top, uint32_t arg, vaddr_t *esp)
{
	uint32_t words[] = { NO_RETURN, arg };

	*esp = ((top - sizeof(arg)) & ~15u) - sizeof(words[0]);
	return copyout((void __user *)*esp, words, sizeof(words));
}

int
sys_thread_create(struct call *c)
{
	struct proc *p = proc_this();
	struct uthread *u;
	vaddr_t esp;
	int tid, err = push_call(c->arg[2], c->arg[1], &esp);

	if (!err)
		err = uthread_new(forkret, &u);
	if (err)
		return err;
	tid = u->tid;
	trapframe_start(uthread_trapframe(u), c->arg[0], esp);
	user_state_start(&u->thread.user, c->arg[3]);
	u->thread.cr3 = V2P(p->mm->pgdir);
	err = team_add(&p->team, u);
	if (err) {
		id_give(tid);
		uthread_free(u);
		return err;
	}
	thread_ready(&u->thread); // it may have ended when this returns
	return tid;
}

int
sys_thread_exit(struct call *c)
{
	uthread_this()->value = c->arg[0];
	proc_leave();
}

// As in waitpid, the place for the value is made writable first, because a
// thread can be joined only once.
int
sys_thread_join(struct call *c)
{
	void __user *to = (void __user *)c->arg[1];
	int value, err = user_prepare(proc_this()->mm, to);

	if (!err)
		err = team_join(&proc_this()->team, c->arg[0], &value);
	if (!err && to && copyout(to, &value, sizeof(value)))
		return -EFAULT;
	return err;
}

int
sys_futex_wait(struct call *c)
{
	return futex_wait(proc_this()->mm, c->arg[0], c->arg[1], c->arg[2]);
}

int
sys_futex_wake(struct call *c)
{
	return futex_wake(proc_this()->mm, c->arg[0], c->arg[1]);
}

int
sys_gettid(struct call *c)
{
	return uthread_this()->tid;
}

int
sys_yield(struct call *c)
{
	thread_yield();
	return 0;
}
