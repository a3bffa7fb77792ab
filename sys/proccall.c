// System calls about processes, time and the machine as a whole.
#include "abi/errno.h"
#include "abi/info.h"
#include "abi/limits.h"
#include "abi/stat.h"
#include "abi/system.h"
#include "abi/wait.h"
#include "dev/chardev.h"
#include "dev/console.h"
#include "dev/rtc.h"
#include "file/file.h"
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
#include "sys/fd.h"
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

// Arguments and environment come in a page each. It begins with the user's
// pointers and a NULL. The strings follow. When a string has been copied, its
// pointer points to the copy.

// Copies the pointers. -E2BIG if they alone fill the page.
static int
fetch_pointers(struct exec_strings *s, uint32_t from)
{
	uint32_t *pointer = (uint32_t *)s->text;
	int err;

	for (s->count = 0; s->count < ARG_MAX / 4; s->count++) {
		err = copyin_word(&pointer[s->count],
				  (const void __user *)(from + s->count * 4));
		if (err)
			return err;
		if (pointer[s->count] == 0)
			return 0;
	}
	return -E2BIG;
}

static int
fetch_strings(struct exec_strings *s, uint32_t from)
{
	uint used;
	char *page;
	int n;

	s->text = kalloc();
	if (!s->text)
		return -ENOMEM;
	page = (char *)s->text;
	n = fetch_pointers(s, from);
	if (n)
		return n;
	used = (s->count + 1) * sizeof(char *);
	for (int i = 0; i < s->count; i++) {
		n = copyin_string(page + used, (const char __user *)s->text[i],
				  ARG_MAX - used);
		if (n < 0)
			return n == -ENAMETOOLONG ? -E2BIG : n;
		s->text[i] = page + used;
		used += n + 1;
	}
	return 0;
}

static int
exec_user(struct call *c, char *path, uint32_t envp)
{
	struct exec_strings args = { 0 }, env = { 0 };
	int n, err;

	n = copyin_string(path, (const char __user *)c->arg[0], PATH_MAX);
	if (n < 0)
		return n;
	err = fetch_strings(&args, c->arg[1]);
	if (!err && envp)
		err = fetch_strings(&env, envp);
	if (!err)
		err = exec(path, &args, &env, c->tf);
	if (args.text)
		kfree(args.text);
	if (env.text)
		kfree(env.text);
	return err;
}

static int
exec_env(struct call *c, uint32_t envp)
{
	char *path = kalloc();
	int err;

	if (!path)
		return -ENOMEM;
	err = exec_user(c, path, envp);
	kfree(path);
	return err;
}

// An old program knows no environment.
int
sys_exec(struct call *c)
{
	return exec_env(c, 0);
}

int
sys_execve(struct call *c)
{
	return exec_env(c, c->arg[2]);
}

// ---- Who and when -----------------------------------------------------------

int
sys_getpid(struct call *c)
{
	return proc_this()->pid;
}

int
sys_getppid(struct call *c)
{
	int pid;

	acquire(&proc_lock);
	pid = proc_this()->parent ? proc_this()->parent->pid : 0;
	release(&proc_lock);
	return pid;
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

int
sys_gettime(struct call *c)
{
	struct wall_time now = rtc_time();

	return copyout((void __user *)c->arg[0], &now, sizeof(now));
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

// winsize(fd, size, set)
int
sys_winsize(struct call *c)
{
	void __user *user = (void __user *)c->arg[1];
	struct file *f = fd_get(c->arg[0]);
	struct winsize size = { 0 };
	bool console = f && f->dev && f->dev == chardev_find(DEV_CONSOLE);
	int err = 0;

	if (f)
		file_put(f);
	if (!console)
		return f ? -ENOTTY : -EBADF;
	if (c->arg[2])
		err = copyin(&size, user, sizeof(size));
	if (err)
		return err;
	console_size(&size, c->arg[2]);
	return c->arg[2] ? 0 : copyout(user, &size, sizeof(size));
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
