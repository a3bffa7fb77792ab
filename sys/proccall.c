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
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/exec.h"
#include "sys/jobs.h"
#include "sys/procinfo.h"
#include "sys/syscall.h"
#include "x86/power.h"

// ---- Coming and going -------------------------------------------------------

int
sys_fork(struct call *c)
{
	return proc_fork(c->tf);
}

// A program linked at address 0 was made for xv6, whose exit takes nothing:
// what lies where we look for a status is not one.
int
sys_exit(struct call *c)
{
	int status = c->arg[0];

	if (strcmp(mm_describe(proc_this()->mm, 0), "nothing") != 0)
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
// writable before, and an error after it is never -ENOMEM, which would be tried
// again with another child.
int
sys_waitpid(struct call *c)
{
	void __user *to = (void __user *)c->arg[1];
	int pid = c->arg[0], flags = c->arg[2], status, err;
	struct page *pg;

	if ((flags & ~WNOHANG) != 0 || pid == 0 || pid < -1)
		return -EINVAL;
	if (to != NULL) {
		err = user_page(proc_this()->mm, (vaddr_t)to, ACCESS_WRITE,
				&pg);
		if (err != 0)
			return err;
		page_put(pg);
	}
	pid = proc_wait(pid, &status, flags);
	if (pid > 0 && to != NULL && copyout(to, &status, sizeof(status)) != 0)
		return -EFAULT;
	return pid;
}

int
sys_kill(struct call *c)
{
	return proc_kill(c->arg[0], SIGKILL);
}

// ---- exec -------------------------------------------------------------------

// What exec is called with, each part in a page of its own. The arguments' page
// begins as the user's pointers and a NULL; the strings follow, and as each one
// is copied its pointer becomes ours.
struct exec_args {
	char *path;
	char **argv;
	int argc;
};

// The pointers. -E2BIG if they alone fill the page.
static int
fetch_pointers(struct exec_args *a, uint32_t user_argv)
{
	uint32_t *pointer = (uint32_t *)a->argv;
	int err;

	for (a->argc = 0; a->argc < ARG_MAX / 4; a->argc++) {
		err = copyin_word(
			&pointer[a->argc],
			(const void __user *)(user_argv + a->argc * 4));
		if (err != 0)
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

	if (a->path == NULL || a->argv == NULL)
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

	if (a.path != NULL)
		kfree(a.path);
	if (a.argv != NULL)
		kfree(a.argv);
	return err;
}

// ---- Who and when -----------------------------------------------------------

int
sys_getpid(struct call *c)
{
	return proc_this()->pid;
}

// A process has one thread, with the process's number.
int
sys_gettid(struct call *c)
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
	if (next >= 0 &&
	    copyout((void __user *)c->arg[1], &info, sizeof(info)) != 0)
		return -EFAULT;
	return next;
}

int
sys_sleep(struct call *c)
{
	int ticks = c->arg[0];

	return ticks <= 0 ? 0 : clock_sleep(ticks);
}

// The sign bit is an error's, so the count begins again after 248 days.
int
sys_uptime(struct call *c)
{
	return clock_ticks() & INT32_MAX;
}

int
sys_yield(struct call *c)
{
	thread_yield();
	return 0;
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

// A disk that fails must not keep the machine from being turned off.
int
sys_reboot(struct call *c)
{
	int how = c->arg[0];

	if (how != REBOOT_RESTART && how != REBOOT_POWEROFF)
		return -EINVAL;
	if (fs_sync() != 0)
		printk("reboot: not everything could be written to disk\n");
	if (how == REBOOT_RESTART)
		power_restart();
	else
		power_off();
	printk("reboot: this machine must be switched off by hand\n");
	cpu_stop();
}
