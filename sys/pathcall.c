// System calls about names: each copies a path from user memory and asks
// fs/path.
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/limits.h"
#include "file/file.h"
#include "file/files.h"
#include "fs/path.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/call.h"
#include "sys/fd.h"
#include "sys/swapon.h"

// One or two paths, in a page: a kernel stack has no room for them.
struct paths {
	char a[PATH_MAX], b[PATH_MAX];
};
_Static_assert(sizeof(struct paths) <= PGSIZE, "kalloc gives one page");

// What a call does with its paths. cwd is where relative paths begin.
typedef int paths_fn(struct inode *cwd, const struct paths *p, struct call *c);

static int
copy_paths(struct paths *p, int n, const struct call *c)
{
	int r = copyin_string(p->a, (const char __user *)c->arg[0], PATH_MAX);

	if (r >= 0 && n == 2)
		r = copyin_string(p->b, (const char __user *)c->arg[1],
				  PATH_MAX);
	return r;
}

// Runs fn with the paths that the first n arguments point at, n = 1 or 2. Also
// -ENOMEM, -EFAULT, -ENAMETOOLONG.
static int
with_paths(struct call *c, int n, paths_fn *fn)
{
	struct paths *p = kalloc();
	struct inode *cwd;
	int r;

	if (!p)
		return -ENOMEM;
	r = copy_paths(p, n, c);
	if (r >= 0) {
		cwd = files_cwd(proc_this()->files);
		r = fn(cwd, p, c);
		inode_put(cwd);
	}
	kfree(p);
	return r;
}

// ---- Directories and names --------------------------------------------------

static int
do_chdir(struct inode *cwd, const struct paths *p, struct call *c)
{
	struct inode *ip;
	struct stat st;
	int err = path_find(cwd, p->a, &ip);

	if (err)
		return err;
	inode_stat(ip, &st);
	if (st.type != T_DIR) {
		inode_put(ip);
		return -ENOTDIR;
	}
	files_set_cwd(proc_this()->files, ip);
	return 0;
}

int
sys_chdir(struct call *c)
{
	return with_paths(c, 1, do_chdir);
}

static int
do_mkdir(struct inode *cwd, const struct paths *p, struct call *c)
{
	return path_create(cwd, p->a, T_DIR, NULL);
}

int
sys_mkdir(struct call *c)
{
	return with_paths(c, 1, do_mkdir);
}

static int
do_mknod(struct inode *cwd, const struct paths *p, struct call *c)
{
	return path_mknod(cwd, p->a, c->arg[1], c->arg[2]);
}

int
sys_mknod(struct call *c)
{
	return with_paths(c, 1, do_mknod);
}

static int
do_unlink(struct inode *cwd, const struct paths *p, struct call *c)
{
	return path_unlink(cwd, p->a);
}

int
sys_unlink(struct call *c)
{
	return with_paths(c, 1, do_unlink);
}

static int
do_link(struct inode *cwd, const struct paths *p, struct call *c)
{
	return path_link(cwd, p->a, p->b);
}

int
sys_link(struct call *c)
{
	return with_paths(c, 2, do_link);
}

static int
do_rename(struct inode *cwd, const struct paths *p, struct call *c)
{
	return path_rename(cwd, p->a, p->b);
}

int
sys_rename(struct call *c)
{
	return with_paths(c, 2, do_rename);
}

static int
do_swapon(struct inode *cwd, const struct paths *p, struct call *c)
{
	struct inode *ip;
	int err = path_find(cwd, p->a, &ip);

	if (err)
		return err;
	err = swapon(ip);
	inode_put(ip);
	return err;
}

int
sys_swapon(struct call *c)
{
	return with_paths(c, 1, do_swapon);
}

// ---- Opening ----------------------------------------------------------------

#define OPEN_TRIES 4

// The inode of path; with O_CREATE a new file if there is none, with O_EXCL too
// only a new one. Another process may unlink the name between the two looks:
// then look again.
static int
find_or_create(struct inode *cwd, const char *path, int flags,
	       struct inode **ip)
{
	int err = -ENOENT;

	if (!(flags & O_CREATE))
		return path_find(cwd, path, ip);
	for (int i = 0; i < OPEN_TRIES && err == -ENOENT; i++) {
		err = path_create(cwd, path, T_FILE, ip);
		if (err != -EEXIST || flags & O_EXCL)
			break;
		err = path_find(cwd, path, ip);
	}
	return err;
}

static int
do_open(struct inode *cwd, const struct paths *p, struct call *c)
{
	int flags = c->arg[1], fd, err;
	struct inode *ip;
	struct file *f;

	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	fd = fd_reserve();
	if (fd < 0)
		return fd;
	err = find_or_create(cwd, p->a, flags, &ip);
	if (!err)
		err = file_open(ip, flags, &f);
	if (err) {
		fd_cancel(fd);
		return err;
	}
	fd_install(fd, f, flags & O_CLOEXEC);
	return fd;
}

int
sys_open(struct call *c)
{
	return with_paths(c, 1, do_open);
}
