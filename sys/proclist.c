// All processes at once, through proc_each. What is told of them is a snapshot.
#include "sys/proclist.h"
#include "abi/errno.h"
#include "abi/wait.h"
#include "dev/console.h"
#include "kern/printk.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "proc.h"

// Whom a panic's report names. One CPU panics, so one buffer is enough.
static const char *
whoami(void)
{
	static char who[48];
	struct proc *p = proc_this();

	if (p == NULL)
		return thread_this() ? thread_this()->name : "starting";
	snprintf(who, sizeof(who), "process %d (%s)", p->pid, p->name);
	return who;
}

// Ctrl-C.
static void
interrupt(int group)
{
	proc_kill_group(group, SIGINT);
}

void
proclist_init(void)
{
	static const struct console_hooks hooks = { interrupt, proc_dump };

	printk_whoami = whoami;
	console_hooks(&hooks);
}

// ---- Information ------------------------------------------------------------

static int
state_of(const struct proc *p)
{
	if (p->zombie)
		return PROC_ZOMBIE;
	switch (p->thread->state) {
	case THREAD_RUNNING: return PROC_RUNNING;
	case THREAD_SLEEPING: return PROC_SLEEPING;
	default: return PROC_READY;
	}
}

// Holds proc_lock, which keeps p and its mm.
static void
fill_info(const struct proc *p, struct procinfo *info)
{
	const struct waitq *q = p->thread->waiting;

	*info = (struct procinfo){
		.pid = p->pid,
		.ppid = p->parent ? p->parent->pid : 0,
		.group = p->group,
		.state = state_of(p),
		.pages = p->mm ? p->mm->pages : 0,
		.size = p->mm ? p->mm->size : 0,
		.ticks = p->thread->ticks,
	};
	strlcpy(info->name, p->name, sizeof(info->name));
	strlcpy(info->wait, q ? q->name : "", sizeof(info->wait));
}

struct next {
	int after;
	struct procinfo *info;
};

static void
take_next(struct proc *p, void *arg)
{
	struct next *n = arg;

	if (p->pid > n->after && (n->info->pid == 0 || p->pid < n->info->pid))
		fill_info(p, n->info);
}

int
proc_info(int after, struct procinfo *info)
{
	struct next n = { after, info };

	info->pid = 0;
	proc_each(take_next, &n);
	return info->pid > 0 ? info->pid : -ESRCH;
}

static void
print_proc(struct proc *p, void *arg)
{
	static const char *const states[] = {
		[PROC_RUNNING] = "running",
		[PROC_READY] = "ready",
		[PROC_SLEEPING] = "sleeping",
		[PROC_ZOMBIE] = "zombie",
	};
	struct procinfo info;

	fill_info(p, &info);
	printk("%5d %5d %-8s %5u %-12s %s\n", info.pid, info.ppid,
	       states[info.state], info.pages, info.wait, info.name);
}

void
proc_dump(void)
{
	printk("\n  PID  PPID STATE    PAGES WAITS IN     NAME\n");
	proc_each(print_proc, NULL);
}

// ---- Page tables ------------------------------------------------------------

struct look {
	int pid;
	uint index;
	void *page;
	int err;
};

// Entries change under the page-table lock; a table lives as long as its
// directory, which proc_lock keeps. The directory is its own table in the
// recursive slot, so one rule fits all: what U opens to the process is shown.
static void
copy_window(struct proc *p, void *arg)
{
	struct look *l = arg;
	pde_t pde;

	if (p->pid != l->pid || p->mm == NULL)
		return;
	acquire(&p->mm->table_lock);
	pde = p->mm->pgdir[l->index];
	l->err = !(pde & PTE_P) ? -ENOENT : !(pde & PTE_U) ? -EPERM : 0;
	if (l->err == 0)
		memcpy(l->page, P2V(PTE_ADDR(pde)), PGSIZE);
	release(&p->mm->table_lock);
}

int
proc_ptwindow(int pid, uint index, void *page)
{
	struct look l = { pid, index, page, -ESRCH };

	if (index >= NPDENTRIES)
		return -EINVAL;
	proc_each(copy_window, &l);
	return l.err;
}

// ---- Groups -----------------------------------------------------------------

struct group {
	int group, reason;
	bool any;
};

static void
kill_member(struct proc *p, void *arg)
{
	struct group *g = arg;

	if (p->group != g->group || p->pid == 1)
		return;
	proc_kill_locked(p, g->reason);
	g->any = true;
}

int
proc_kill_group(int group, int reason)
{
	struct group g = { group, reason, false };

	proc_each(kill_member, &g);
	return g.any ? 0 : -ESRCH;
}

struct move {
	int pid, group, err;
};

static void
move_to_group(struct proc *p, void *arg)
{
	struct move *m = arg;
	struct proc *me = proc_this();

	if (p->pid != m->pid || (p != me && p->parent != me))
		return;
	p->group = m->group != 0 ? m->group : p->pid;
	m->err = 0;
}

int
proc_setpgid(int pid, int group)
{
	struct move m = { pid ? pid : proc_this()->pid, group, -ESRCH };

	if (pid < 0 || group < 0)
		return -EINVAL;
	proc_each(move_to_group, &m);
	return m.err;
}

// ---- Memory is out ----------------------------------------------------------

struct choice {
	struct proc *p;
	uint pages;
};

static void
choose_biggest(struct proc *p, void *arg)
{
	struct choice *c = arg;

	if (p->pid == 1 || p->mm == NULL || p->mm->pages <= c->pages)
		return;
	c->p = p;
	c->pages = p->mm->pages;
}

static void
kill_chosen(struct proc *p, void *arg)
{
	struct choice *c = arg;

	if (p != c->p || p->kill_reason != 0)
		return;
	printk("%s[%d]: killed, memory is out (%u pages)\n", p->name, p->pid,
	       c->pages);
	proc_kill_locked(p, SIGKILL);
}

bool
proc_kill_biggest(void)
{
	struct choice c = { NULL, 0 };

	proc_each(choose_biggest, &c);
	proc_each(kill_chosen, &c); // if it has gone meanwhile: none
	return c.p != NULL;
}
