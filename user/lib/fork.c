// fork, with the library's locks held, so that the child finds no list that
// another thread is changing. That other thread does not exist in the child.
#include "user/lib/thread.h"

int malloc_lock, pthread_lock;
void (*fork_begin_child)(void);

int
fork(void)
{
	int pid;

	lock_take(&malloc_lock);
	lock_take(&pthread_lock);
	pid = sys_fork();
	if (pid == 0 && fork_begin_child)
		fork_begin_child();
	lock_give(&pthread_lock);
	lock_give(&malloc_lock);
	return pid;
}
