// The first process, from the kernel's code to /init. The unit tests run here
// if they are linked in, because this is the first code that may sleep.
#include "sys/init.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "file/files.h"
#include "fs/fs.h"
#include "kern/clock.h"
#include "kern/kthread.h"
#include "kern/printk.h"
#include "kern/unit.h"
#include "lib/string.h"
#include "proc.h"
#include "sys/exec.h"
#include "sys/guestcall.h"
#include "sys/procinfo.h"

// There is nothing more to do. The messages say why, and Ctrl-P still works.
__noreturn static void
wait_for_ever(void)
{
	for (;;)
		while (clock_sleep(HZ))
			thread_yield();
}

static void
first_time(struct proc *p)
{
	guestcall_init();
	unit_run();
	if (procinfo_start())
		printk("cr3: no memory for the lister: Ctrl-P is dead\n");
	if (fs_mount()) {
		printk("cr3: without a root file system there is no /init to "
		       "run\n");
		wait_for_ever();
	}
	files_set_cwd(p->files, fs_root());
	if (kthread_start("flusher", fs_flusher))
		printk("cr3: no memory for the flusher: files need sync\n");
}

// /init ended or was killed. What it left open is closed.
static void
start_again(struct proc *p)
{
	struct files *files = files_new();

	printk("cr3: /init ended; it is started again\n");
	if (files) {
		files->cwd = files_cwd(p->files);
		files_put(p->files);
		p->files = files;
	}
	while (clock_sleep(HZ))
		thread_yield();
}

void
init_start(void)
{
	struct proc *p = proc_this();
	struct trapframe *tf = uthread_trapframe(uthread_this());
	char name[] = "init", *argv[] = { name, NULL };
	struct exec_strings args = { 1, argv }, none = { 0 };
	int err;

	if (!p->files->cwd)
		first_time(p);
	else
		start_again(p);
	err = exec("/init", &args, &none, tf);
	if (err) {
		printk("cr3: /init cannot be run: error %d\n", -err);
		wait_for_ever();
	}
	trap_return(tf);
}
