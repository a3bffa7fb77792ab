// The threads of one process. Whoever ends a process only asks its threads to
// end. Each does so on its next way out of the kernel, and the last one gives
// back what the process had. No thread waits for another one, except exec and
// the joiner.
//
//	team_add          team_leave            team_join, team_take_over
//	--------> runs ----------> ended ---------------------------> (freed)
#pragma once
#include "kern/lock.h"
#include "kern/wait.h"
#include "lib/list.h"
#include "team/uthread.h"

// Letters: [I] constant, [t] lock.
struct team {
	struct spinlock lock; // RANK_TEAM
	void *owner;          // [I] the process
	const char *name;     // [I] for messages
	int pid;              // [I] number of the process and first thread
	struct list threads;  // [t] struct uthread, by link
	int running;          // [t] how many of them have not ended
	bool ending;          // [t] all have been asked to end
	int status;           // [t] why, as waitpid tells it, once ending
	uint ticks;           // [t] ticks that the freed threads ran
	struct waitq alone;   // team_alone sleeps here
};

// A team of one thread, whose number becomes the process's.
void team_init(struct team *t, struct uthread *first, void *owner,
	       const char *name);
// The first thread of a team that nobody else knows yet.
static inline struct uthread *
team_first(const struct team *t)
{
	return list_first(&t->threads, struct uthread, link);
}

// Enters a new thread in the running thread's team. 0, or -EINTR if the running
// thread is to end: whoever ends a team must not miss a thread.
int team_add(struct team *t, struct uthread *u) __must_check;

// Asks all threads to end, with that status, unless somebody did so earlier.
// Any context.
void team_end(struct team *t, int status);
// Asks the other threads of the running thread's team to end, and waits until
// they have. Nobody can add threads in between. 0, or -EINTR if the running
// thread itself is to end: another one came first. Sleeps.
int team_alone(struct team *t) __must_check;

// The running thread runs no program any more. Returns in the last thread of
// the team only, and the team is ending then. This CPU runs in no space.
void team_leave(struct team *t);
// Waits for thread tid of the running thread's team and frees it. *value gets
// what it gave to thread_exit. 0; -ESRCH (no such thread), -EDEADLK (the
// running one), -EINVAL (another thread waits for it), -EINTR. Sleeps.
int team_join(struct team *t, int tid, int *value) __must_check;

// All other threads have ended. Frees them, and gives the running thread the
// number of the first.
void team_take_over(struct team *t);
// The same, for a thread that has left. The team is alive again.
void team_restart(struct team *t);
// Frees all threads. They have ended, or were never made ready.
void team_free(struct team *t);
