// The threads of one process: they come, end, and are waited for.
//
// A thread that has ended stays in the list until it is joined, or until its
// process ends or begins a new program. The number of the first thread is the
// process's too, so the process gives it back.
#include "team/team.h"
#include "abi/errno.h"
#include "abi/wait.h"
#include "lib/assert.h"
#include "team/ids.h"

// ---- Threads come -----------------------------------------------------------

static void
enter_thread(struct team *t, struct uthread *u)
{
	u->thread.owner = t->owner;
	u->thread.name = t->name;
	list_append(&t->threads, &u->link);
	t->running++;
}

void
team_init(struct team *t, struct uthread *first, void *owner, const char *name)
{
	lock_init(&t->lock, "team", RANK_TEAM);
	list_init(&t->threads);
	waitq_init(&t->alone, "exec");
	t->owner = owner;
	t->name = name;
	t->pid = first->tid;
	enter_thread(t, first);
}

int
team_add(struct team *t, struct uthread *u)
{
	int err;

	acquire(&t->lock);
	err = thread_this()->killed ? -EINTR : 0;
	if (!err)
		enter_thread(t, u);
	release(&t->lock);
	return err;
}

// ---- Threads end ------------------------------------------------------------

// Asks all threads but `spared`, which may be NULL. Holds t->lock.
static void
kill_threads(struct team *t, const struct uthread *spared)
{
	list_for_each (u, &t->threads, struct uthread, link)
		if (u != spared)
			thread_kill(&u->thread);
}

// Holds t->lock.
static void
end_locked(struct team *t, int status)
{
	if (t->ending)
		return;
	t->ending = true;
	t->status = status;
	kill_threads(t, NULL);
}

void
team_end(struct team *t, int status)
{
	acquire(&t->lock);
	end_locked(t, status);
	release(&t->lock);
}

// Of two threads that call this at once, the second finds itself killed.
int
team_alone(struct team *t)
{
	int err;

	acquire(&t->lock);
	err = thread_this()->killed ? -EINTR : 0;
	if (!err)
		kill_threads(t, uthread_this());
	while (!err && t->running > 1)
		err = wait_killable(&t->alone, &t->lock);
	release(&t->lock);
	return err;
}

void
team_leave(struct team *t)
{
	struct uthread *me = uthread_this();

	acquire(&t->lock);
	me->ended = true;
	wake_all(&me->end);
	wake_all(&t->alone);
	if (--t->running > 0)
		thread_exit(&t->lock);
	end_locked(t, WAIT_EXITED(0));
	release(&t->lock);
}

// ---- Ended threads go -------------------------------------------------------

// Holds t->lock.
static void
take_out(struct team *t, struct uthread *u)
{
	t->ticks += u->thread.ticks;
	list_remove(&u->link);
}

// u is in no list.
static void
free_thread(const struct team *t, struct uthread *u)
{
	if (u->tid != t->pid)
		id_give(u->tid);
	uthread_free(u);
}

static struct uthread *
find_thread(const struct team *t, int tid)
{
	list_for_each (u, &t->threads, struct uthread, link)
		if (u->tid == tid)
			return u;
	return NULL;
}

// Waits until u has ended. Meanwhile nobody else joins or frees it. Holds
// t->lock.
static int
wait_for_end(struct team *t, struct uthread *u)
{
	int err = 0;

	u->joined = true;
	while (!u->ended && !err)
		err = wait_killable(&u->end, &t->lock);
	u->joined = u->ended;
	return u->ended ? 0 : err;
}

int
team_join(struct team *t, int tid, int *value)
{
	struct uthread *u;
	int err;

	acquire(&t->lock);
	u = find_thread(t, tid);
	err = !u			? -ESRCH
	      : u == uthread_this() ? -EDEADLK
	      : u->joined		? -EINVAL
				    : wait_for_end(t, u);
	if (!err) {
		*value = u->value;
		take_out(t, u);
	}
	release(&t->lock);
	if (!err)
		free_thread(t, u);
	return err;
}

// Frees all threads but `spared`. Nobody else changes the list: no other thread
// runs. But a kill may be reading it.
static void
free_others(struct team *t, const struct uthread *spared)
{
	list_for_each_safe (u, next, &t->threads, struct uthread, link) {
		if (u == spared)
			continue;
		acquire(&t->lock);
		take_out(t, u);
		release(&t->lock);
		free_thread(t, u);
	}
}

void
team_take_over(struct team *t)
{
	struct uthread *me = uthread_this();
	int tid = me->tid;

	free_others(t, me);
	acquire(&t->lock);
	me->tid = t->pid;
	release(&t->lock);
	if (tid != t->pid)
		id_give(tid);
}

void
team_restart(struct team *t)
{
	team_take_over(t);
	acquire(&t->lock);
	t->running = 1;
	t->ending = uthread_this()->ended = thread_this()->killed = false;
	release(&t->lock);
}

void
team_free(struct team *t)
{
	free_others(t, NULL);
}
