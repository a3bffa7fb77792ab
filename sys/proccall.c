// System calls about processes, time and the machine as a whole.
#include "abi/errno.h"
#include "abi/info.h"
#include "abi/limits.h"
#include "abi/system.h"
#include "abi/wait.h"
#include "dev/console.h"
#include "fs/fs.h"
#include "kern/clock.h"
#include "kern/printk.h"
#include "lib/string.h"
#include "mm/fault.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/call.h"
#include "sys/exec.h"
#include "sys/jobs.h"
#include "sys/procinfo.h"
#include "x86/power.h"

// ---- Coming and going -------------------------------------------------------

int
sys_fork(struct call *c)
{
	return proc_fork(c->tf);
}

// A program that is linked at address 0 was made for xv6. Its exit has no
// argument: the word where we look for a status means nothing.
int
sys_exit(struct call *c)
{
	int status = c->arg[0];

	if (mm_has(proc_this()->mm, 0))
		status = 0;
	proc_exit(WAIT_EXITED(status));
}

int
sys_wait(struct call *c)
{
	int status;

	return proc_wait(-1, &status, 0);
}

// A child can be waited for only once. So the place for its status is made
// writable first. An error afterwards is never -ENOMEM: the call would be run
// again and take another child.
int
sys_waitpid(struct call *c)
{
	void __user *to = (void __user *)c->arg[1];
	int pid = c->arg[0], flags = c->arg[2], status, err;

	if ((flags & ~WNOHANG) != 0 || pid == 0 || pid < -1)
		return -EINVAL;
	err = user_prepare(proc_this()->mm, to);
	if (err)
		return err;
	pid = proc_wait(pid, &status, flags);
	if (pid > 0 && to && copyout(to, &status, sizeof(status)))
		return -EFAULT;
	return pid;
}

int
sys_kill(struct call *c)
{
	return proc_kill(c->arg[0], SIGKILL);
}

// ---- exec -------------------------------------------------------------------

// What exec is called with: the path and the arguments, each in a page of its
// own. The arguments' page begins with the user's pointers and a NULL. The
// strings follow. When a string has been copied, its pointer points to the
// copy.
struct exec_args {
	char *path;
	char **argv;
	int argc;
};

// Copies the pointers. -E2BIG if they alone fill the page.
static int
fetch_pointers(struct exec_args *a, uint32_t user_argv)
{
	uint32_t *pointer = (uint32_t *)a->argv;
	int err;

	for (a->argc = 0; a->argc < ARG_MAX / 4; a->argc++) {
		err = copyin_word(
			&pointer[a->argc],
			(const void __user *)(user_argv + a->argc * 4));
		if (err)
			return err;
		if (pointer[a->argc] == 0)
			return 0;
	}
	return -E2BIG;
}

static int
fetch_strings(struct exec_args *a)
{
	uint used = (a->argc + 1) * sizeof(char *);
	char *page = (char *)a->argv;
	int n;

	for (int i = 0; i < a->argc; i++) {
		n = copyin_string(page + used, (const char __user *)a->argv[i],
				  ARG_MAX - used);
		if (n < 0)
			return n == -ENAMETOOLONG ? -E2BIG : n;
		a->argv[i] = page + used;
		used += n + 1;
	}
	return 0;
}

static int
exec_user(struct exec_args *a, struct call *c)
{
	int n;

	if (!a->path || !a->argv)
		return -ENOMEM;
	n = copyin_string(a->path, (const char __user *)c->arg[0], PATH_MAX);
	if (n >= 0)
		n = fetch_pointers(a, c->arg[1]);
	if (n >= 0)
		n = fetch_strings(a);
	if (n < 0)
		return n;
	return exec(a->path, a->argc, a->argv, c->tf);
}

int
sys_exec(struct call *c)
{
	struct exec_args a = { .path = kalloc(), .argv = kalloc() };
	int err = exec_user(&a, c);

	if (a.path)
		kfree(a.path);
	if (a.argv)
		kfree(a.argv);
	return err;
}

// ---- Who and when -----------------------------------------------------------

int
sys_getpid(struct call *c)
{
	return proc_this()->pid;
}

int
sys_setpgid(struct call *c)
{
	return jobs_move(c->arg[0], c->arg[1]);
}

int
sys_procinfo(struct call *c)
{
	struct procinfo info;
	int next;

	memset(&info, 0, sizeof(info));
	next = procinfo_next(c->arg[0], &info);
	if (next >= 0 && copyout((void __user *)c->arg[1], &info, sizeof(info)))
		return -EFAULT;
	return next;
}

int
sys_sleep(struct call *c)
{
	int ticks = c->arg[0];

	return ticks <= 0 ? 0 : clock_sleep(ticks);
}

// A negative result is an error, so the count begins again after 248 days.
int
sys_uptime(struct call *c)
{
	return clock_ticks() & INT32_MAX;
}

// ---- The console and the machine --------------------------------------------

int
sys_setfg(struct call *c)
{
	int group = c->arg[0];

	if (group < 0)
		return -EINVAL;
	console_set_foreground(group);
	return 0;
}

int
sys_consmode(struct call *c)
{
	return console_set_mode(c->arg[0]);
}

// The machine can be turned off even if the disk fails.
int
sys_reboot(struct call *c)
{
	int how = c->arg[0];

	if (how != REBOOT_RESTART && how != REBOOT_POWEROFF)
		return -EINVAL;
	if (fs_sync())
		printk("reboot: not everything could be written to disk\n");
	if (how == REBOOT_RESTART)
		power_restart();
	else
		power_off();
	printk("reboot: this machine must be switched off by hand\n");
	cpu_stop();
}
