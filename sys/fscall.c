// System calls about open files: they turn a number into a file and ask
// sys/file, sys/pipe or fs/inode. What is made here from a name is in
// sys/pathcall.c.
#include "abi/errno.h"
#include "fs/fs.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/uaccess.h"
#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/syscall.h"

// ---- Numbers ----------------------------------------------------------------

// The two files of a new pipe in f[]. 0 or -ENOMEM.
static int
pipe_files(struct file *f[2])
{
	struct pipe *p = pipe_new();

	f[0] = file_new();
	f[1] = file_new();
	if (p == NULL || f[0] == NULL || f[1] == NULL) {
		if (p != NULL) {
			pipe_close(p, false);
			pipe_close(p, true);
		}
		for (int i = 0; i < 2; i++)
			if (f[i] != NULL)
				file_put(f[i]);
		return -ENOMEM;
	}
	f[0]->pipe = f[1]->pipe = p;
	f[0]->readable = f[1]->writable = true;
	return 0;
}

int
sys_pipe(struct call *c)
{
	struct file *f[2];
	int fd[2], err;

	if (!fd_room(2))
		return -EMFILE;
	err = pipe_files(f);
	if (err != 0)
		return err;
	for (int i = 0; i < 2; i++) {
		fd[i] = fd_install(f[i]);
		assert(fd[i] >= 0);
	}
	err = copyout((void __user *)c->arg[0], fd, sizeof(fd));
	for (int i = 0; err != 0 && i < 2; i++)
		file_put(fd_remove(fd[i]));
	return err;
}

int
sys_dup(struct call *c)
{
	struct file *f = fd_get(c->arg[0]);
	int fd;

	if (f == NULL)
		return -EBADF;
	fd = fd_install(f);
	if (fd < 0)
		file_put(f);
	return fd;
}

int
sys_close(struct call *c)
{
	struct file *f = fd_remove(c->arg[0]);

	if (f == NULL)
		return -EBADF;
	file_put(f);
	return 0;
}

// ---- Bytes ------------------------------------------------------------------

int
sys_read(struct call *c)
{
	struct file *f = fd_get(c->arg[0]);
	int r;

	if (f == NULL)
		return -EBADF;
	r = file_read(f, (void __user *)c->arg[1], c->arg[2]);
	file_put(f);
	return r;
}

int
sys_write(struct call *c)
{
	struct file *f = fd_get(c->arg[0]);
	int r;

	if (f == NULL)
		return -EBADF;
	r = file_write(f, (const void __user *)c->arg[1], c->arg[2]);
	file_put(f);
	return r;
}

int
sys_lseek(struct call *c)
{
	struct file *f = fd_get(c->arg[0]);
	int r;

	if (f == NULL)
		return -EBADF;
	r = file_seek(f, c->arg[1], c->arg[2]);
	file_put(f);
	return r;
}

int
sys_fstat(struct call *c)
{
	struct file *f = fd_get(c->arg[0]);
	struct stat st;

	if (f == NULL)
		return -EBADF;
	// A pipe is nothing on a disk: all zeros. (And struct stat has gaps:
	// what the stack held there is not for users.)
	memset(&st, 0, sizeof(st));
	if (f->ip != NULL)
		inode_stat(f->ip, &st);
	file_put(f);
	return copyout((void __user *)c->arg[1], &st, sizeof(st));
}

int
sys_fsync(struct call *c)
{
	struct file *f = fd_get(c->arg[0]);
	int err;

	if (f == NULL)
		return -EBADF;
	err = f->ip != NULL ? inode_fsync(f->ip) : -EINVAL;
	file_put(f);
	return err;
}

int
sys_ftruncate(struct call *c)
{
	struct file *f = fd_get(c->arg[0]);
	int err = -EINVAL;

	if (f == NULL)
		return -EBADF;
	if (f->ip != NULL && f->writable && f->type == T_FILE)
		err = inode_truncate(f->ip, c->arg[1]);
	file_put(f);
	return err;
}

int
sys_sync(struct call *c)
{
	return fs_sync();
}
