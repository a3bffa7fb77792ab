// System calls about open files: each turns a descriptor into a file and asks
// file/ or fs/inode. The calls that begin with a name are in sys/pathcall.c.
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "file/file.h"
#include "fs/fs.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/call.h"
#include "sys/fd.h"
#include "sys/reclaim.h"

// ---- Descriptors ------------------------------------------------------------

// Two numbers; -EMFILE with none taken.
static int
reserve_two(int fd[2])
{
	fd[0] = fd_reserve();
	if (fd[0] < 0)
		return fd[0];
	fd[1] = fd_reserve();
	if (fd[1] >= 0)
		return 0;
	fd_cancel(fd[0]);
	return fd[1];
}

// The program learns the numbers first. Afterwards nothing can fail, so no
// other thread ever sees a pipe that is taken back.
int
sys_pipe(struct call *c)
{
	struct file *f[2];
	int fd[2], err = reserve_two(fd);

	if (err)
		return err;
	err = copyout((void __user *)c->arg[0], fd, sizeof(fd));
	if (!err)
		err = file_open_pipe(f);
	for (int i = 0; i < 2; i++) {
		if (err)
			fd_cancel(fd[i]);
		else
			fd_install(fd[i], f[i], false);
	}
	return err;
}

int
sys_dup(struct call *c)
{
	return fd_copy(c->arg[0], 0);
}

int
sys_close(struct call *c)
{
	struct file *f = fd_remove(c->arg[0]);

	if (!f)
		return -EBADF;
	file_put(f);
	return 0;
}

// What open's flags would have said.
static int
access_of(int fd)
{
	struct file *f = fd_get(fd);
	int flags;

	if (!f)
		return -EBADF;
	flags = f->readable && f->writable ? O_RDWR
		: f->writable		   ? O_WRONLY
					   : O_RDONLY;
	flags |= f->append ? O_APPEND : 0;
	file_put(f);
	return flags;
}

int
sys_fcntl(struct call *c)
{
	int fd = c->arg[0], arg = c->arg[2];

	switch (c->arg[1]) {
	case F_DUPFD:
		return arg < 0 || arg >= NOFILE ? -EINVAL : fd_copy(fd, arg);
	case F_GETFD: return fd_cloexec(fd);
	case F_SETFD: return fd_set_cloexec(fd, arg & FD_CLOEXEC);
	case F_GETFL: return access_of(fd);
	default:      return -EINVAL;
	}
}

// ---- Calls whose first argument is a descriptor -----------------------------

// Runs fn with the file that the first argument names.
static inline int
with_file(struct call *c, int (*fn)(struct file *f, struct call *c))
{
	bool alone = proc_this()->team.running == 1;
	struct file *f = alone ? fd_peek(c->arg[0]) : fd_get(c->arg[0]);
	int r;

	if (!f)
		return -EBADF;
	r = fn(f, c);
	if (!alone)
		file_put(f);
	return r;
}

static int
do_read(struct file *f, struct call *c)
{
	return file_read(f, proc_this()->mm, (void __user *)c->arg[1],
			 c->arg[2]);
}

int
sys_read(struct call *c)
{
	return with_file(c, do_read);
}

static int
write_from(struct file *f, struct call *c, int done)
{
	return file_write(f, proc_this()->mm,
			  (const void __user *)(c->arg[1] + done),
			  (int)c->arg[2] - done);
}

// Goes on with a write that was short, when there is memory again. A write that
// was short for another reason (a full disk, a bad pointer) fails at once here.
static int
write_rest(struct file *f, struct call *c, int done)
{
	int r, tries = 0;

	while (done < (int)c->arg[2]) {
		r = write_from(f, c, done);
		if (r > 0)
			done += r;
		else if (r != -ENOMEM || !reclaim_for_call(tries++))
			break;
	}
	return done;
}

static int
do_write(struct file *f, struct call *c)
{
	int r = write_from(f, c, 0);

	return r > 0 && r < (int)c->arg[2] && f->ip ? write_rest(f, c, r) : r;
}

int
sys_write(struct call *c)
{
	return with_file(c, do_write);
}

static int
do_lseek(struct file *f, struct call *c)
{
	return file_seek(f, c->arg[1], c->arg[2]);
}

int
sys_lseek(struct call *c)
{
	return with_file(c, do_lseek);
}

// A pipe is nothing on a disk: all zeros. The gaps in struct stat are zeros
// too: what the kernel's stack held there is not for users.
static int
do_fstat(struct file *f, struct call *c)
{
	union {
		uint32_t words[sizeof(struct stat) / sizeof(uint32_t)];
		struct stat st;
	} u = { { 0 } };

	if (f->ip)
		inode_stat(f->ip, &u.st);
	return copyout((void __user *)c->arg[1], &u, sizeof(u));
}

int
sys_fstat(struct call *c)
{
	return with_file(c, do_fstat);
}

static int
do_fsync(struct file *f, struct call *c)
{
	return f->ip ? inode_fsync(f->ip) : -EINVAL;
}

int
sys_fsync(struct call *c)
{
	return with_file(c, do_fsync);
}

static int
do_ftruncate(struct file *f, struct call *c)
{
	if (f->type != T_FILE || !f->writable)
		return -EINVAL;
	return inode_truncate(f->ip, c->arg[1]);
}

int
sys_ftruncate(struct call *c)
{
	return with_file(c, do_ftruncate);
}

int
sys_sync(struct call *c)
{
	return fs_sync();
}
