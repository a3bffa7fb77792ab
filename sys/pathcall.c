// System calls about names: they turn a path in user memory into one of the
// kernel's and ask fs/path.
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/limits.h"
#include "dev/chardev.h"
#include "fs/path.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/file.h"
#include "sys/syscall.h"

// ---- Paths ------------------------------------------------------------------

// Up to two paths, in a page: a kernel stack has no room for them.
struct paths {
	char a[PATH_MAX], b[PATH_MAX];
};
_Static_assert(sizeof(struct paths) <= PGSIZE, "kalloc gives one page");

// Copies the path at user address a and, if n is 2, the one at b. *p is freed
// by the caller with kfree. 0, -ENOMEM, -EFAULT, -ENAMETOOLONG.
static int
paths_fetch(struct paths **p, int n, uint32_t a, uint32_t b)
{
	struct paths *new = kalloc();
	int r;

	if (new == NULL)
		return -ENOMEM;
	r = copyin_string(new->a, (const char __user *)a, PATH_MAX);
	if (r >= 0 && n == 2)
		r = copyin_string(new->b, (const char __user *)b, PATH_MAX);
	if (r < 0) {
		kfree(new);
		return r;
	}
	*p = new;
	return 0;
}

int
sys_chdir(struct call *c)
{
	struct proc *p = proc_this();
	struct inode *ip = NULL, *old = p->cwd;
	struct paths *path;
	struct stat st;
	int err;

	err = paths_fetch(&path, 1, c->arg[0], 0);
	if (err != 0)
		return err;
	err = path_find(p->cwd, path->a, &ip);
	kfree(path);
	if (err != 0)
		return err;
	inode_stat(ip, &st);
	if (st.type != T_DIR) {
		inode_put(ip);
		return -ENOTDIR;
	}
	p->cwd = ip;
	inode_put(old);
	return 0;
}

int
sys_mkdir(struct call *c)
{
	struct paths *path;
	int err;

	err = paths_fetch(&path, 1, c->arg[0], 0);
	if (err != 0)
		return err;
	err = path_create(proc_this()->cwd, path->a, T_DIR, 0, 0, NULL);
	kfree(path);
	return err;
}

int
sys_mknod(struct call *c)
{
	struct paths *path;
	int err;

	err = paths_fetch(&path, 1, c->arg[0], 0);
	if (err != 0)
		return err;
	err = path_create(proc_this()->cwd, path->a, T_DEV, c->arg[1],
			  c->arg[2], NULL);
	kfree(path);
	return err;
}

int
sys_unlink(struct call *c)
{
	struct paths *path;
	int err;

	err = paths_fetch(&path, 1, c->arg[0], 0);
	if (err != 0)
		return err;
	err = path_unlink(proc_this()->cwd, path->a);
	kfree(path);
	return err;
}

int
sys_link(struct call *c)
{
	struct paths *path;
	int err;

	err = paths_fetch(&path, 2, c->arg[0], c->arg[1]);
	if (err != 0)
		return err;
	err = path_link(proc_this()->cwd, path->a, path->b);
	kfree(path);
	return err;
}

int
sys_rename(struct call *c)
{
	struct paths *path;
	int err;

	err = paths_fetch(&path, 2, c->arg[0], c->arg[1]);
	if (err != 0)
		return err;
	err = path_rename(proc_this()->cwd, path->a, path->b);
	kfree(path);
	return err;
}

// ---- Opening ----------------------------------------------------------------

#define OPEN_TRIES 4

// The inode of path; with O_CREATE a new file if there is none. The name may go
// between the two looks, when another process unlinks it: then look again.
static int
find_or_create(const char *path, int flags, struct inode **ip)
{
	struct inode *cwd = proc_this()->cwd;
	int err = -ENOENT;

	if (!(flags & O_CREATE))
		return path_find(cwd, path, ip);
	for (int i = 0; i < OPEN_TRIES && err == -ENOENT; i++) {
		err = path_create(cwd, path, T_FILE, 0, 0, ip);
		if (err != -EEXIST)
			break;
		err = path_find(cwd, path, ip);
	}
	return err;
}

// Makes f, of a regular file, a writer of it if the flags say so. A file that
// runs has no writers, and no O_TRUNC either.
static int
open_for_write(struct file *f, int flags)
{
	bool writable = (flags & O_ACCMODE) != O_RDONLY;
	int err = 0;

	if (writable || flags & O_TRUNC)
		err = inode_get_write(f->ip);
	if (err)
		return err;
	f->writable = writable; // file_put gives the count back
	if (flags & O_TRUNC)
		err = inode_truncate(f->ip, 0);
	if (flags & O_TRUNC && !writable)
		inode_put_write(f->ip);
	return err;
}

// Makes f what flags ask for, f->ip being known.
static int
open_inode(struct file *f, int flags)
{
	int mode = flags & O_ACCMODE, major;

	inode_lock(f->ip);
	f->type = f->ip->type;
	major = f->ip->major;
	inode_unlock(f->ip);
	if (f->type == T_DIR &&
	    (mode != O_RDONLY || flags & (O_CREATE | O_TRUNC)))
		return -EISDIR;
	f->readable = mode != O_WRONLY;
	f->append = (flags & O_APPEND) != 0;
	if (f->type == T_FILE)
		return open_for_write(f, flags);
	f->writable = mode != O_RDONLY;
	if (f->type == T_DEV)
		f->dev = chardev_find(major);
	return 0;
}

static int
open_path(struct file *f, uint32_t user_path, int flags)
{
	struct paths *path;
	int err;

	err = paths_fetch(&path, 1, user_path, 0);
	if (err != 0)
		return err;
	err = find_or_create(path->a, flags, &f->ip);
	kfree(path);
	if (err != 0) {
		f->ip = NULL;
		return err;
	}
	return open_inode(f, flags);
}

int
sys_open(struct call *c)
{
	int flags = c->arg[1], r;
	struct file *f;

	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	if (!fd_room(1))
		return -EMFILE;
	f = file_new();
	if (f == NULL)
		return -ENOMEM;
	r = open_path(f, c->arg[0], flags);
	if (r == 0)
		r = fd_install(f);
	if (r < 0)
		file_put(f);
	return r;
}
