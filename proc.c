// Processes: making them, ending them, finding them.
//
// proc_lock guards the table and the families, nothing else. fork builds a
// process while nobody can see it, and enters it in the table as its last step.
// A process that ends becomes a zombie. Its parent takes the zombie apart once
// its thread is off its stack.
#include "proc.h"
#include "abi/errno.h"
#include "abi/wait.h"
#include "file/files.h"
#include "kern/panic.h"
#include "kern/slab.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "x86/trapframe.h"

#define PID_MAX 0x3FFFFFFF

struct spinlock proc_lock = SPINLOCK("proc", RANK_PROC);
static struct proc *proc_table[NPROC]; // [p] by pid % NPROC: the visible ones
static bool pid_used[NPROC];	  // [p] also those being built or taken apart
static int last_pid;		  // [p]
static vaddr_t stacks[NPROC];	  // [p] kernel stacks that nobody uses now
static int nstacks, nmapped;	  // [p] how many of them; how many in all
static struct proc *init_proc;	  // [I] pid 1
static struct slab procs, threads;

void
proc_init(void)
{
	slab_init(&procs, "procs", sizeof(struct proc));
	slab_init(&threads, "threads", sizeof(struct thread));
}

// ---- Create ----------------------------------------------------------------

// The free stack that was used last, else a new one. 0: memory is out.
static vaddr_t
take_stack(void)
{
	vaddr_t top;

	if (nstacks > 0)
		return stacks[--nstacks];
	top = kstack_map(nmapped);
	nmapped += top != 0;
	return top;
}

// The next free pid, with a kernel stack in *kstack; -EAGAIN, -ENOMEM.
static int
take_pid(vaddr_t *kstack)
{
	int pid = -EAGAIN;

	acquire(&proc_lock);
	for (int i = 0; i < NPROC && pid == -EAGAIN; i++) {
		last_pid = last_pid < PID_MAX ? last_pid + 1 : 2;
		if (pid_used[last_pid % NPROC])
			continue;
		*kstack = take_stack();
		pid = *kstack ? last_pid : -ENOMEM;
		pid_used[last_pid % NPROC] = pid > 0;
	}
	release(&proc_lock);
	return pid;
}

// Makes a process with a pid, a thread and a stack, and nothing else yet:
//
//	kstack -> +------------------+
//	          | trapframe        |  the user registers: the maker's to fill
//	          | return address   |  trapret: pops the trapframe: user mode
//	          | context          |  swtch pops it; then thread_begin calls
//	          +------------------+  start, and returns to trapret
static int
proc_new(void (*start)(void), struct proc **out)
{
	struct proc *p = slab_alloc(&procs);
	struct thread *t = slab_alloc(&threads);
	vaddr_t kstack;
	int pid = p && t ? take_pid(&kstack) : -ENOMEM;

	if (pid < 0) {
		slab_free(&threads, t);
		slab_free(&procs, p);
		return pid;
	}
	p->pid = pid;
	p->thread = t;
	thread_init(t, kstack, V2P(kpgdir), sizeof(struct trapframe), start);
	t->name = p->name;
	t->owner = p;
	list_init(&p->children);
	list_init(&p->sibling);
	waitq_init(&p->children_exit, "wait");
	*out = p;
	return 0;
}

// Takes p apart. Its thread never ran, or has ended.
static void
proc_free(struct proc *p)
{
	files_put(p->files);
	if (p->mm)
		mm_put(p->mm);
	acquire(&proc_lock);
	pid_used[p->pid % NPROC] = false;
	stacks[nstacks++] = p->thread->kstack;
	release(&proc_lock);
	slab_free(&threads, p->thread);
	slab_free(&procs, p);
}

// Gives p what the running process has. On failure p keeps what it got so far.
static int
inherit(struct proc *p, const struct proc *me)
{
	int err = mm_fork(me->mm, &p->mm);

	if (err)
		return err;
	p->files = files_clone(me->files);
	if (!p->files)
		return -ENOMEM;
	strlcpy(p->name, me->name, sizeof(p->name));
	p->thread->cr3 = V2P(p->mm->pgdir);
	user_state_copy(&thread_this()->user, &p->thread->user);
	return 0;
}

// Enters p in the table and in its family: from here on others see it. -EINTR
// if the parent is to end: a group kill must not miss a child being created.
static int
publish(struct proc *p, struct proc *parent)
{
	int err = -EINTR;

	acquire(&proc_lock);
	if (!parent || !parent->kill_reason) {
		p->parent = parent;
		p->group = parent ? parent->group : p->pid;
		if (parent)
			list_append(&parent->children, &p->sibling);
		proc_table[p->pid % NPROC] = p;
		err = 0;
	}
	release(&proc_lock);
	return err;
}

// What a forked process runs in the kernel: nothing. It returns to trapret.
static void
forkret(void)
{
}

int
proc_fork(const struct trapframe *tf)
{
	struct proc *me = proc_this(), *p;
	int pid, err = proc_new(forkret, &p); // 1. a pid, a thread, a stack

	if (err)
		return err;
	pid = p->pid;
	*proc_trapframe(p) = *tf; // 2. the parent's user registers, but in
	proc_trapframe(p)->eax = 0; // the child fork returns 0
	err = inherit(p, me); // 3. the parent's memory, files, directory
	if (!err)
		err = publish(p, me); // 4. others see the child
	if (err) {
		proc_free(p);
		return err;
	}
	thread_ready(p->thread); // 5. the child runs; it may be gone now
	return pid;
}

void
userinit(void (*start)(void))
{
	struct proc *p;

	if (proc_new(start, &p) || !(p->mm = mm_new()) ||
	    !(p->files = files_new()))
		panic("no memory for the first process");
	strlcpy(p->name, "init", sizeof(p->name));
	init_proc = p;
	if (!publish(p, NULL))
		thread_ready(p->thread);
}

// ---- Exit ------------------------------------------------------------------

void
proc_set_mm(struct mm *mm)
{
	struct proc *p = proc_this();
	struct mm *old = p->mm;

	acquire(&proc_lock);
	p->mm = mm;
	release(&proc_lock);
	switchuvm(mm ? mm->pgdir : kpgdir);
	if (old)
		mm_put(old);
}

// Children of p become init's. If there are zombies among them, init is woken.
static void
give_children_away(struct proc *p)
{
	struct list *all = &init_proc->children, *l;

	while ((l = list_pop(&p->children))) {
		struct proc *c = list_entry(l, struct proc, sibling);

		c->parent = init_proc;
		list_push(c->zombie ? all : all->prev, l);
		if (c->zombie)
			wake_all(&init_proc->children_exit);
	}
}

// The first process must not end: nobody waits for it. It begins again instead.
__noreturn static void
restart_init(void)
{
	for (;;)
		init_proc->thread->start();
}

void
proc_exit(int status)
{
	struct proc *p = proc_this();

	if (p == init_proc)
		restart_init();
	files_close(p->files);
	proc_set_mm(NULL);

	acquire(&proc_lock);
	give_children_away(p);
	p->zombie = true;
	p->status = status;
	list_remove(&p->sibling); // zombies stand first, for wait
	list_push(&p->parent->children, &p->sibling);
	wake_all(&p->parent->children_exit);
	thread_exit(&proc_lock);
}

// ---- Wait ------------------------------------------------------------------

// A child of p that `pid` means, a zombie if there is one; NULL: no such child.
static struct proc *
find_child(struct proc *p, int pid)
{
	list_for_each (c, &p->children, struct proc, sibling)
		if (pid == -1 || c->pid == pid)
			return c; // zombies stand first
	return NULL;
}

int
proc_wait(int pid, int *status, int flags)
{
	struct proc *p = proc_this(), *c;
	int err = 0;

	acquire(&proc_lock);
	while ((c = find_child(p, pid)) && !c->zombie && !err)
		err = flags & WNOHANG
			      ? -EAGAIN
			      : wait_killable(&p->children_exit, &proc_lock);
	if (!c || !c->zombie) {
		release(&proc_lock);
		return !c ? -ECHILD : flags & WNOHANG ? 0 : err;
	}
	list_remove(&c->sibling);
	proc_table[c->pid % NPROC] = NULL;
	release(&proc_lock);

	*status = c->status;
	pid = c->pid;
	thread_reap(c->thread);
	proc_free(c);
	return pid;
}

// ---- Kill ------------------------------------------------------------------

void
proc_kill_locked(struct proc *p, int reason)
{
	assert(holding(&proc_lock));
	if (!p->kill_reason)
		p->kill_reason = reason;
	if (!p->zombie)
		thread_kill(p->thread);
}

int
proc_kill(int pid, int reason)
{
	int err = pid > 0 ? -ESRCH : -EINVAL;
	struct proc *p;

	acquire(&proc_lock);
	p = proc_find(pid);
	if (p)
		err = p == init_proc ? -EPERM : 0;
	if (!err)
		proc_kill_locked(p, reason);
	release(&proc_lock);
	return err;
}

// ---- Find ------------------------------------------------------------------

struct proc *
proc_find(int pid)
{
	struct proc *p = pid > 0 ? proc_table[pid % NPROC] : NULL;

	assert(holding(&proc_lock));
	return p && p->pid == pid ? p : NULL;
}

struct proc *
proc_next(const struct proc *p)
{
	assert(holding(&proc_lock));
	for (int i = p ? p->pid % NPROC + 1 : 0; i < NPROC; i++)
		if (proc_table[i])
			return proc_table[i];
	return NULL;
}
