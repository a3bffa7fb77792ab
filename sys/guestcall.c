// System calls about guests. A kernel that is built with HV=0 has them not.
#include "sys/guestcall.h"
#include "abi/errno.h"
#include "abi/guest.h"
#include "abi/info.h"
#include "sys/call.h"

#ifdef HV
#include "file/file.h"
#include "hv/count.h"
#include "hv/run.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/fd.h"

_Static_assert(GUESTS_COUNT <= VM_GUESTS, "vminfo has a count for each");

void
guestcall_init(void)
{
	guest_init();
}

void
guestcall_count(struct vminfo *v)
{
	guest_counts(v->guests);
}

int
sys_guest_create(struct call *c)
{
	int fd = fd_reserve();
	struct guest *g;
	struct file *f;
	int err;

	if (fd < 0)
		return fd;
	err = guest_new(proc_this()->mm, c->arg[0], c->arg[1], c->arg[2], &g);
	if (!err) {
		err = file_open_object(g, guest_free, &f);
		if (err)
			guest_free(g);
	}
	if (err) {
		fd_cancel(fd);
		return err;
	}
	fd_install(fd, f, false);
	return fd;
}

// The guest of a descriptor, taken for this thread, with a reference to its
// file in *f. 0; -EBADF, -EINVAL (no guest), -EBUSY, -EPERM.
static int
guest_of(int fd, struct file **f, struct guest **g)
{
	int err;

	*f = fd_get(fd);
	if (!*f)
		return -EBADF;
	*g = (*f)->object_end == guest_free ? (*f)->object : NULL;
	err = *g ? guest_take(*g, proc_this()->mm) : -EINVAL;
	if (err)
		file_put(*f);
	return err;
}

static int
leave_guest(struct file *f, struct guest *g, int result)
{
	guest_give(g);
	file_put(f);
	return result;
}

int
sys_guest_run(struct call *c)
{
	void __user *to = (void __user *)c->arg[1];
	struct guest_exit x;
	struct guest *g;
	struct file *f;
	int r = copyin(&x, to, sizeof(x));

	if (!r)
		r = guest_of(c->arg[0], &f, &g);
	if (r)
		return r;
	r = leave_guest(f, g, guest_run(g, &x));
	return r ? r : copyout(to, &x, sizeof(x));
}

int
sys_guest_regs(struct call *c)
{
	void __user *at = (void __user *)c->arg[1];
	bool set = c->arg[2];
	struct guest_regs r;
	struct guest *g;
	struct file *f;
	int err = set ? copyin(&r, at, sizeof(r)) : 0;

	if (!err)
		err = guest_of(c->arg[0], &f, &g);
	if (err)
		return err;
	if (set)
		err = guest_set_regs(g, &r);
	else
		guest_get_regs(g, &r);
	leave_guest(f, g, 0);
	return err || set ? err : copyout(at, &r, sizeof(r));
}

int
sys_guest_inject(struct call *c)
{
	struct guest *g;
	struct file *f;
	int err = guest_of(c->arg[0], &f, &g);

	return err ? err : leave_guest(f, g, guest_interrupt(g, c->arg[1]));
}

#else

void
guestcall_init(void)
{
}

void
guestcall_count(struct vminfo *v)
{
}

int
sys_guest_create(struct call *c)
{
	return -ENOSYS;
}

int
sys_guest_run(struct call *c)
{
	return -ENOSYS;
}

int
sys_guest_regs(struct call *c)
{
	return -ENOSYS;
}

int
sys_guest_inject(struct call *c)
{
	return -ENOSYS;
}
#endif
