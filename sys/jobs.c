// Jobs: a shell puts the processes of a pipeline into one group and makes it
// the console's foreground group. Ctrl-C ends this group.
#include "sys/jobs.h"
#include "abi/errno.h"
#include "abi/wait.h"
#include "dev/console.h"
#include "proc.h"
#include "sys/procinfo.h"

int
jobs_kill(int group, int reason)
{
	int err = -ESRCH;

	acquire(&proc_lock);
	proc_for_each (p) {
		if (p->group != group || p->pid == 1)
			continue;
		team_end(&p->team, WAIT_KILLED(reason));
		err = 0;
	}
	release(&proc_lock);
	return err;
}

int
jobs_move(int pid, int group)
{
	struct proc *me = proc_this(), *p;
	int err = -ESRCH;

	if (pid < 0 || group < 0)
		return -EINVAL;
	acquire(&proc_lock);
	p = pid ? proc_find(pid) : me;
	if (p && (p == me || p->parent == me)) {
		p->group = group ? group : p->pid;
		err = 0;
	}
	release(&proc_lock);
	return err;
}

static void
jobs_interrupt(int group)
{
	(void)jobs_kill(group, SIGINT);
}

void
jobs_init(void)
{
	static const struct console_hooks keys = { jobs_interrupt,
						  procinfo_list};

	console_hooks(&keys);
}
