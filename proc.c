// Processes: making them, ending them, finding them.
//
// proc_lock guards the table and the families, nothing else. fork builds a
// process while nobody can see it, and enters it in the table as its last step.
// A process whose last thread ends becomes a zombie. Its parent takes the
// zombie apart once that thread is off its stack.
#include "proc.h"
#include "abi/errno.h"
#include "abi/wait.h"
#include "file/files.h"
#include "kern/panic.h"
#include "kern/slab.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "team/futex.h"
#include "team/ids.h"
#include "x86/trapframe.h"

struct spinlock proc_lock = SPINLOCK("proc", RANK_PROC);
static struct proc *proc_table[NTHREAD]; // [p] by pid % NTHREAD
static int nprocs;		 // [p] how many are in the table
static struct proc *init_proc;	 // [I] pid 1
static void (*init_start)(void); // [I] what it begins with
static struct slab procs;

void
proc_init(void)
{
	slab_init(&procs, "procs", sizeof(struct proc));
	uthread_init();
	futex_init();
}

// ---- Create ----------------------------------------------------------------

// Makes a process with a thread, its kernel stack, a number for both, and
// nothing else yet.
static int
proc_new(void (*start)(void), struct proc **out)
{
	struct proc *p = slab_alloc(&procs);
	struct uthread *first;
	int err = p ? uthread_new(start, &first) : -ENOMEM;

	if (err) {
		slab_free(&procs, p);
		return err;
	}
	p->pid = first->tid;
	team_init(&p->team, first, p, p->name);
	list_init(&p->children);
	list_init(&p->sibling);
	waitq_init(&p->children_exit, "wait");
	*out = p;
	return 0;
}

// Takes p apart. No thread of it runs.
static void
proc_free(struct proc *p)
{
	team_free(&p->team);
	files_put(p->files);
	if (p->mm)
		mm_put(p->mm);
	id_give(p->pid);
	slab_free(&procs, p);
}

// Gives p what the running process has. On failure p keeps what it got so far.
static int
inherit(struct proc *p, const struct proc *me)
{
	struct uthread *u = team_first(&p->team);
	struct thread *t = &u->thread;
	int err = mm_fork(me->mm, uthread_trapframe(u)->esp, &p->mm);

	if (err)
		return err;
	p->files = files_clone(me->files);
	if (!p->files)
		return -ENOMEM;
	strlcpy(p->name, me->name, sizeof(p->name));
	t->cr3 = V2P(p->mm->pgdir);
	user_state_copy(&thread_this()->user, &t->user);
	return 0;
}

// Enters p in the table and in its family: from here on others see it. -EAGAIN
// if there are NPROC already. -EINTR if the running thread is to end: a group
// kill must not miss a child being created.
static int
publish(struct proc *p, struct proc *parent)
{
	int err;

	acquire(&proc_lock);
	err = nprocs == NPROC ? -EAGAIN : proc_killed() ? -EINTR : 0;
	if (!err) {
		p->parent = parent;
		p->group = parent ? parent->group : p->pid;
		if (parent)
			list_append(&parent->children, &p->sibling);
		proc_table[p->pid % NTHREAD] = p;
		nprocs++;
	}
	release(&proc_lock);
	return err;
}

// It returns to trapret, and so to the program, unless the thread was killed
// before it ran.
void
forkret(void)
{
	if (proc_killed())
		proc_leave();
}

int
proc_fork(const struct trapframe *tf)
{
	struct proc *me = proc_this(), *p;
	int pid, err = proc_new(forkret, &p); // 1. a pid, a thread, a stack
	struct uthread *child;

	if (err)
		return err;
	pid = p->pid;
	child = team_first(&p->team);
	*uthread_trapframe(child) = *tf; // 2. the parent's user registers, but
	uthread_trapframe(child)->eax = 0; // in the child fork returns 0
	err = inherit(p, me); // 3. the parent's memory, files, directory
	if (!err)
		err = publish(p, me); // 4. others see the child
	if (err) {
		proc_free(p);
		return err;
	}
	thread_ready(&child->thread); // 5. the child runs; it may be gone now
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
	init_start = start;
	if (!publish(p, NULL))
		thread_ready(&team_first(&p->team)->thread);
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
restart_init(struct proc *p)
{
	team_restart(&p->team);
	for (;;)
		init_start();
}

// Ends the running process, of which only this thread is left.
__noreturn static void
become_zombie(struct proc *p)
{
	team_take_over(&p->team);
	files_close(p->files);
	proc_set_mm(NULL);

	acquire(&proc_lock);
	give_children_away(p);
	p->zombie = true;
	list_remove(&p->sibling); // zombies stand first, for wait
	list_push(&p->parent->children, &p->sibling);
	wake_all(&p->parent->children_exit);
	thread_exit(&proc_lock);
}

void
proc_leave(void)
{
	struct proc *p = proc_this();

	// This CPU leaves the space now: the last thread will free it.
	switchkvm();
	team_leave(&p->team); // it returns in the last thread only
	if (p == init_proc)
		restart_init(p);
	become_zombie(p);
}

void
proc_exit(int status)
{
	team_end(&proc_this()->team, status);
	proc_leave();
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
	proc_table[c->pid % NTHREAD] = NULL;
	nprocs--;
	release(&proc_lock);

	*status = c->team.status;
	pid = c->pid;
	proc_free(c);
	return pid;
}

// ---- Kill ------------------------------------------------------------------

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
		team_end(&p->team, WAIT_KILLED(reason));
	release(&proc_lock);
	return err;
}

// ---- Find ------------------------------------------------------------------

struct proc *
proc_find(int pid)
{
	struct proc *p = pid > 0 ? proc_table[pid % NTHREAD] : NULL;

	assert(holding(&proc_lock));
	return p && p->pid == pid ? p : NULL;
}

struct proc *
proc_next(const struct proc *p)
{
	assert(holding(&proc_lock));
	for (int i = p ? p->pid % NTHREAD + 1 : 0; i < NTHREAD; i++)
		if (proc_table[i])
			return proc_table[i];
	return NULL;
}
