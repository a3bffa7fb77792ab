// fork, with the library's locks held, so that the child finds no list that
// another thread is changing. That other thread does not exist in the child.
#include "user/lib/thread.h"

int malloc_lock, pthread_lock;
void (*fork_begin_child)(void);

static int
fork_with_locks(void)
{
	int pid;

	lock_take(&malloc_lock);
	lock_take(&pthread_lock);
	pid = sys_fork();
	if (pid == 0)
		fork_begin_child();
	lock_give(&pthread_lock);
	lock_give(&malloc_lock);
	return pid;
}

// The only thread of a process is in no list, and a lock would cost: parent and
// child would each write to the lock's page at once, and copy that page.
int
fork(void)
{
	return fork_begin_child ? fork_with_locks() : sys_fork();
}
