// Processes: making them, ending them, finding them.
//
// proc_lock guards the table and the families, nothing else: a process is built
// aside, with nobody to see it, and entered as fork's last step; its parent
// takes it apart once it is a zombie and off its stack.
#include "proc.h"
#include "abi/errno.h"
#include "abi/wait.h"
#include "fs/inode.h"
#include "kern/printk.h"
#include "kern/slab.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "sys/file.h"
#include "x86/trapframe.h"

#define PID_MAX 0x3FFFFFFF

static struct spinlock proc_lock = SPINLOCK("proc", RANK_PROC);
static struct proc *table[NPROC]; // [p] by pid % NPROC: who can be seen
static bool pid_used[NPROC];	  // [p] also those being built or taken apart
static int last_pid;		  // [p]
static vaddr_t stacks[NPROC];	  // [p] kernel stacks that nobody uses now
static int nstacks, nmapped;	  // [p] how many, and how many there are in all
static struct proc *init_proc;	  // [I] pid 1
static struct slab procs, threads;

void
proc_init(void)
{
	slab_init(&procs, "procs", sizeof(struct proc));
	slab_init(&threads, "threads", sizeof(struct thread));
}

// ---- Create ----------------------------------------------------------------

// The stack that was used last, so that few are ever made; 0: no memory.
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

// The next pid whose place is free and a kernel stack, or -EAGAIN, -ENOMEM.
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
		pid = *kstack != 0 ? last_pid : -ENOMEM;
		pid_used[last_pid % NPROC] = pid > 0;
	}
	release(&proc_lock);
	return pid;
}

// A process with a pid, a thread and a stack, and nothing else yet. start is
// where its thread begins; a trapframe's place is left above. *out gets it.
static int
proc_new(void (*start)(void), struct proc **out)
{
	struct proc *p = slab_alloc(&procs);
	struct thread *t = slab_alloc(&threads);
	vaddr_t kstack = 0;
	int pid = p && t ? take_pid(&kstack) : -ENOMEM;

	if (pid < 0) {
		slab_free(&threads, t);
		slab_free(&procs, p);
		return pid;
	}
	p->pid = pid;
	p->thread = t;
	thread_init(t, p->name, kstack, V2P(kpgdir), sizeof(struct trapframe),
		    start);
	t->owner = p;
	list_init(&p->children);
	list_init(&p->sibling);
	waitq_init(&p->children_exit, "wait");
	*out = p;
	return 0;
}

// Takes p apart, whose thread never ran or has ended.
static void
proc_free(struct proc *p)
{
	if (p->files != NULL)
		files_put(p->files);
	if (p->cwd != NULL)
		inode_put(p->cwd);
	if (p->mm != NULL)
		mm_put(p->mm);
	acquire(&proc_lock);
	pid_used[p->pid % NPROC] = false;
	stacks[nstacks++] = p->thread->kstack;
	release(&proc_lock);
	slab_free(&threads, p->thread);
	slab_free(&procs, p);
}

// Gives p what the running process has. On failure p holds what it got so far.
static int
copy_from(struct proc *p, const struct proc *me)
{
	int err = mm_fork(me->mm, &p->mm);

	if (err < 0)
		return err;
	p->files = files_clone(me->files);
	if (p->files == NULL)
		return -ENOMEM;
	p->cwd = inode_get(me->cwd);
	strlcpy(p->name, me->name, sizeof(p->name));
	p->thread->cr3 = V2P(p->mm->pgdir);
	thread_copy_user_state(p->thread);
	return 0;
}

// From here on others see p. -EINTR if the parent is to end: what ends a group
// must not miss a child that is being born.
static int
publish(struct proc *p, struct proc *parent)
{
	int err = -EINTR;

	acquire(&proc_lock);
	if (parent == NULL || parent->kill_reason == 0) {
		p->parent = parent;
		p->group = parent ? parent->group : p->pid;
		if (parent != NULL)
			list_append(&parent->children, &p->sibling);
		table[p->pid % NPROC] = p;
		err = 0;
	}
	release(&proc_lock);
	return err;
}

// Where a forked process begins; it returns to trapret and so to user mode.
static void
forkret(void)
{
}

int
proc_fork(struct trapframe *tf)
{
	struct proc *me = proc_this(), *p;
	int pid = 0, err = proc_new(forkret, &p);

	if (err < 0)
		return err;
	err = copy_from(p, me);
	if (err == 0) {
		*proc_trapframe(p) = *tf;
		proc_trapframe(p)->eax = 0;
		pid = p->pid;
		err = publish(p, me);
	}
	if (err < 0) {
		proc_free(p);
		return err;
	}
	thread_ready(p->thread); // p may be gone now
	return pid;
}

void
userinit(void (*start)(void))
{
	struct proc *p;

	if (proc_new(start, &p) < 0 || (p->mm = mm_new()) == NULL ||
	    (p->files = files_new()) == NULL)
		panic("no memory for the first process");
	strlcpy(p->name, "init", sizeof(p->name));
	init_proc = p;
	if (publish(p, NULL) == 0)
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
	if (mm != NULL)
		switchuvm(mm->pgdir);
	else
		switchkvm();
	if (old != NULL)
		mm_put(old);
}

// Children of p become init's; zombies among them are announced to it.
static void
give_children_away(struct proc *p)
{
	struct list *all = &init_proc->children, *l;

	while ((l = list_pop(&p->children)) != NULL) {
		struct proc *c = list_entry(l, struct proc, sibling);

		c->parent = init_proc;
		list_push(c->zombie ? all : all->prev, l);
		if (c->zombie)
			wake_all(&init_proc->children_exit);
	}
}

void
proc_exit(int status)
{
	struct proc *p = proc_this();

	if (p == init_proc)
		p->thread->start(); // nobody waits for it: it starts again
	files_put(p->files);
	inode_put(p->cwd);
	p->files = NULL;
	p->cwd = NULL;
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
	while ((c = find_child(p, pid)) != NULL && !c->zombie && err == 0) {
		if (flags & WNOHANG) {
			release(&proc_lock);
			return 0;
		}
		err = wait_killable(&p->children_exit, &proc_lock);
	}
	if (c == NULL || !c->zombie) {
		release(&proc_lock);
		return c == NULL ? -ECHILD : err;
	}
	list_remove(&c->sibling);
	table[c->pid % NPROC] = NULL;
	release(&proc_lock);

	*status = c->status;
	pid = c->pid;
	thread_reap(c->thread);
	proc_free(c);
	return pid;
}

// ---- Kill ------------------------------------------------------------------

struct proc *
proc_find(int pid)
{
	struct proc *p = pid > 0 ? table[pid % NPROC] : NULL;

	assert(holding(&proc_lock));
	return p != NULL && p->pid == pid ? p : NULL;
}

void
proc_kill_locked(struct proc *p, int reason)
{
	assert(holding(&proc_lock));
	if (p->kill_reason == 0)
		p->kill_reason = reason;
	if (!p->zombie)
		thread_kill(p->thread);
}

int
proc_kill(int pid, int reason)
{
	struct proc *p;
	int err;

	if (pid <= 0)
		return -EINVAL;
	acquire(&proc_lock);
	p = proc_find(pid);
	err = p == NULL ? -ESRCH : p == init_proc ? -EPERM : 0;
	if (err == 0)
		proc_kill_locked(p, reason);
	release(&proc_lock);
	return err;
}

void
proc_check_killed(void)
{
	if (proc_killed()) {
		sti();
		proc_exit(WAIT_KILLED(proc_this()->kill_reason));
	}
}

void
proc_each(void (*fn)(struct proc *p, void *arg), void *arg)
{
	acquire(&proc_lock);
	for (int i = 0; i < NPROC; i++)
		if (table[i] != NULL)
			fn(table[i], arg);
	release(&proc_lock);
}
