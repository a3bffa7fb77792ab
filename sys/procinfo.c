// What can be known about processes. Each answer is a snapshot of one process:
// proc_lock is held while it is copied, and not while it is printed.
#include "sys/procinfo.h"
#include "abi/errno.h"
#include "abi/wait.h"
#include "kern/kthread.h"
#include "kern/panic.h"
#include "kern/wait.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/table.h"
#include "proc.h"

const char *
procinfo_who(char *who)
{
	struct proc *p = proc_this();
	int n = snprintf(who, WHO_SIZE, "%s[%d]", p->name, p->pid);

	if (uthread_this()->tid != p->pid)
		snprintf(who + n, WHO_SIZE - n, " thread %d",
			 uthread_this()->tid);
	return who;
}

// One CPU panics, so one buffer is enough.
static const char *
whoami(void)
{
	static char who[WHO_SIZE];

	if (proc_this())
		return procinfo_who(who);
	return thread_this() ? thread_this()->name : "starting";
}

void
procinfo_init(void)
{
	printk_whoami = whoami;
}

// ---- One process ------------------------------------------------------------

// A thread's state, and where it sleeps.
static void
fill_thread(const struct uthread *u, struct procinfo *info)
{
	const char *waiting = u->thread.waiting;

	switch (u->thread.state) {
	case THREAD_RUNNING: info->state = PROC_RUNNING; break;
	case THREAD_SLEEPING: info->state = PROC_SLEEPING; break;
	default: info->state = PROC_READY;
	}
	strlcpy(info->wait, waiting ? waiting : "", sizeof(info->wait));
}

// What a process does is what the most active of its threads does: PROC_RUNNING
// is the least state.
static void
fill_threads(struct team *t, struct procinfo *info)
{
	struct procinfo one;

	acquire(&t->lock);
	info->threads = t->running;
	info->state = PROC_ZOMBIE;
	info->ticks = t->ticks;
	list_for_each (u, &t->threads, struct uthread, link) {
		info->ticks += u->thread.ticks;
		fill_thread(u, &one);
		if ((u->ended && t->running) || one.state >= info->state)
			continue;
		info->state = one.state;
		strlcpy(info->wait, one.wait, sizeof(info->wait));
	}
	release(&t->lock);
}

// Holds proc_lock, which keeps p and its mm.
static void
fill_process(const struct proc *p, struct procinfo *info)
{
	*info = (struct procinfo){
		.pid = p->pid,
		.tid = p->pid,
		.ppid = p->parent ? p->parent->pid : 0,
		.group = p->group,
		.pages = p->mm ? mm_pages(p->mm) : 0,
		.size = p->mm ? p->mm->areas.size : 0,
	};
	strlcpy(info->name, p->name, sizeof(info->name));
}

static int
next_process(int after, struct procinfo *info)
{
	struct proc *next = NULL;
	int pid = -ESRCH;

	acquire(&proc_lock);
	proc_for_each (p)
		if (p->pid > after && (!next || p->pid < next->pid))
			next = p;
	if (next) {
		fill_process(next, info);
		fill_threads(&next->team, info);
		if (next->zombie)
			info->state = PROC_ZOMBIE;
		pid = next->pid;
	}
	release(&proc_lock);
	return pid;
}

// The thread of p with the least number between `after` and `before`. Fills in
// info, and returns that number; `before` if there is none. Holds proc_lock.
static int
next_of_team(struct proc *p, int after, int before, struct procinfo *info)
{
	acquire(&p->team.lock);
	list_for_each (u, &p->team.threads, struct uthread, link) {
		if (u->ended || u->tid <= after || u->tid >= before)
			continue;
		fill_process(p, info);
		fill_thread(u, info);
		info->threads = p->team.running;
		info->ticks = u->thread.ticks;
		before = info->tid = u->tid;
	}
	release(&p->team.lock);
	return before;
}

static int
next_thread(int after, struct procinfo *info)
{
	int tid = PROCINFO_THREADS;

	acquire(&proc_lock);
	proc_for_each (p)
		tid = next_of_team(p, after, tid, info);
	release(&proc_lock);
	return tid < PROCINFO_THREADS ? tid | PROCINFO_THREADS : -ESRCH;
}

int
procinfo_next(int after, struct procinfo *info)
{
	if (after >= 0 && after & PROCINFO_THREADS)
		return next_thread(after & ~PROCINFO_THREADS, info);
	return next_process(after, info);
}

// ---- All processes, for Ctrl-P ----------------------------------------------

// Ctrl-P comes as an interrupt, and a long list takes a long time on a serial
// line. So a thread prints it, with interrupts on and no lock held.
static struct spinlock list_lock = SPINLOCK("list", RANK_FILES);
static struct waitq list_wanted = WAITQ(list_wanted, "Ctrl-P");
static bool wanted; // list_lock

// Not inlined, so that GDB can stop at it.
__attribute__((noinline)) static void
print_proc(const struct procinfo *info)
{
	static const char *const states[] = {
		[PROC_RUNNING] = "running",
		[PROC_READY] = "ready",
		[PROC_SLEEPING] = "sleeping",
		[PROC_ZOMBIE] = "zombie",
	};

	printk("%5d %5d %-8s %5u %-12s %s\n", info->pid, info->ppid,
	       states[info->state], info->pages, info->wait, info->name);
}

static void
lister(void)
{
	struct procinfo info;

	for (;;) {
		acquire(&list_lock);
		while (!wanted)
			wait_on(&list_wanted, &list_lock);
		wanted = false;
		release(&list_lock);
		printk("\n  PID  PPID STATE    PAGES WAITS IN     NAME\n");
		for (int pid = 0; (pid = procinfo_next(pid, &info)) > 0;)
			print_proc(&info);
	}
}

int
procinfo_start(void)
{
	return kthread_start("lister", lister);
}

void
procinfo_list(void)
{
	acquire(&list_lock);
	wanted = true;
	wake_all(&list_wanted);
	release(&list_lock);
}

int
procinfo_memory(int pid, struct vmproc *v)
{
	struct proc *p;
	int err = -ESRCH;

	memset(v, 0, sizeof(*v));
	acquire(&proc_lock);
	p = proc_find(pid);
	if (p && p->mm) {
		v->pages = mm_pages(p->mm);
		v->swapped = mm_swapped(p->mm);
		v->tables = p->mm->tables;
	}
	if (p)
		err = 0;
	release(&proc_lock);
	return err;
}

// ---- Page tables ------------------------------------------------------------

// The directory, which proc_lock keeps, stands in its own recursive slot. So
// one rule is enough: what U opens to the process is shown.
static int
copy_window(struct mm *mm, uint index, void *page)
{
	pte_t *table = table_lock(mm, PGADDR(index, 0, 0));
	int n = -EPERM;

	if (!table)
		return -ENOENT;
	if (mm->pgdir[index] & PTE_U) {
		memcpy(page, table, PGSIZE);
		n = index < PDX(KERNBASE) ? page_of(table)->refs : 1;
	}
	table_unlock(table);
	return n;
}

int
procinfo_window(int pid, uint index, void *page)
{
	struct proc *p;
	int n = -ESRCH;

	if (index >= NPDENTRIES)
		return -EINVAL;
	acquire(&proc_lock);
	p = proc_find(pid);
	if (p && p->mm)
		n = copy_window(p->mm, index, page);
	release(&proc_lock);
	return n;
}

int
procinfo_area(int pid, vaddr_t va, char *name)
{
	struct mm *mm = NULL;
	struct proc *p;

	acquire(&proc_lock);
	p = proc_find(pid);
	if (p && p->mm)
		mm = mm_get(p->mm);
	release(&proc_lock);
	if (!mm)
		return -ESRCH;
	strlcpy(name, mm_describe(mm, va), AREA_NAME);
	mm_put(mm); // the process may have ended meanwhile
	return 0;
}
