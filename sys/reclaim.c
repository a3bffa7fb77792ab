// Memory is out. kalloc itself never waits and never reclaims: it returns NULL,
// the code above unwinds until it holds nothing, and the way into the kernel
// asks here and tries again.
//
// The choice of a victim: the process whose end frees most, in its space and in
// its pipes. The first process is never chosen. A shell of the console is
// chosen only if nobody else is left: it is a child of the first process in
// that process's own group. (The shell gives each of its commands a group.)
//
// One victim at a time: while one is on its way out, others wait. But a victim
// may wait for something that takes long, so after a while the next is chosen.
// A victim lets its memory go before it is a zombie. So who finds no victim
// here, and frames that are free, comes after a victim's end, and kills nobody.
#include "sys/reclaim.h"
#include "abi/wait.h"
#include "file/files.h"
#include "kern/clock.h"
#include "kern/printk.h"
#include "lib/assert.h"
#include "mm/mm.h"
#include "mm/pageout.h"
#include "mm/swap.h"
#include "proc.h"

// A fault may need two frames and get only its own first one back: so several
// tries, each for many frames.
#define FRAMES 64
#define TRIES  16
#define PATIENCE (HZ / 2) // ticks that a victim has before the next is chosen

static uint64_t next_victim; // tick; proc_lock

// Frames that are kept free of promises.
static uint
promise_reserve(void)
{
	return kalloc_total() / 64;
}

// ---- The choice; proc_lock is held -----------------------------------------

static bool
is_shell(const struct proc *p)
{
	const struct proc *up = p->parent;

	return up && up->pid == 1 && p->group == up->group;
}

// How many frames the end of p frees.
static uint
proc_cost(const struct proc *p)
{
	return mm_cost(p->mm) + files_pages(p->files);
}

// Would a be a better choice than b (NULL: nobody yet)?
static bool
better_victim(const struct proc *a, const struct proc *b)
{
	if (!b || is_shell(a) != is_shell(b))
		return !b || is_shell(b);
	return proc_cost(a) > proc_cost(b);
}

static struct proc *
choose_victim(void)
{
	struct proc *best = NULL;

	proc_for_each (p)
		if (p->pid != 1 && p->mm && !p->team.ending &&
		    better_victim(p, best))
			best = p;
	return best;
}

static bool
someone_ends(void)
{
	proc_for_each (p)
		if (p->team.ending && !p->zombie)
			return true;
	return false;
}

// Will there be frames, or are there some, without another victim?
static bool
room_comes(int tries)
{
	return (clock_ticks() < next_victim && someone_ends()) ||
	       (tries < TRIES && kalloc_free() >= FRAMES);
}

// ---- Making room -----------------------------------------------------------

// Kills the best victim, unless one is on its way out. True if waiting for a
// victim's end makes sense. `least`: a process that frees less is spared;
// `spared`: this one too, or NULL.
static bool
kill_biggest(int tries, uint least, const struct proc *spared)
{
	struct proc *p;
	bool wait;

	acquire(&proc_lock);
	wait = room_comes(tries);
	p = wait ? NULL : choose_victim();
	if (p && p != spared && proc_cost(p) >= least) {
		printk("%s[%d]: killed, memory is out (%u pages)\n", p->name,
		       p->pid, proc_cost(p));
		team_end(&p->team, WAIT_KILLED(SIGKILL));
		next_victim = clock_ticks() + PATIENCE;
		wait = true;
	}
	release(&proc_lock);
	return wait;
}

static bool
make_room(int tries, uint least, const struct proc *spared)
{
	assert(!thread_this()->held);
	if ((tries < TRIES || swap_free()) && pageout_reclaim(FRAMES))
		return true;
	if (!kill_biggest(tries, least, spared))
		return false;
	return !clock_sleep(1) && !proc_killed();
}

bool
reclaim_for_fault(int tries)
{
	return make_room(tries, 1, NULL);
}

bool
reclaim_for_call(int tries)
{
	return kalloc_free() < promise_reserve() &&
	       make_room(tries, kalloc_total() / 16, proc_this());
}

bool
reclaim_can_promise(void)
{
	uint wanted = promise_reserve(), free = kalloc_free();

	if (free < wanted)
		(void)pageout_reclaim(wanted - free);
	return kalloc_free() >= wanted;
}
