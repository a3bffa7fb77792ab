// Names: walking paths, making and removing entries.
//
// A walk locks one directory at a time. Between two directories it has only a
// reference, so that a slow disk holds up nobody else.
//
// What changes a name takes its locks in one order: the directory, then the
// inode that the name refers to, then op_begin. In the operation only the first
// step may fail. References are dropped when no lock is held any more, because
// the last one may free a file, and that needs operations of its own.
#include "fs/path.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "fs/alloc.h"
#include "fs/names.h"
#include "fs/super.h"
#include "lib/string.h"

// Moves the next part of *path into name. False if there is no more.
static bool
next_part(const char **path, struct name *name)
{
	const char *p = *path;
	uint n = 0;

	while (*p == '/')
		p++;
	*name = (struct name){ .zero = 0 };
	for (; *p && *p != '/'; p++)
		if (n < NAME_MAX) // a longer name is cut, as V6 did it
			name->s[n++] = *p;
	*path = p;
	return n > 0;
}

static bool
is_last(const char *path)
{
	while (*path == '/')
		path++;
	return *path == 0;
}

bool
name_is_dots(const struct name *name)
{
	return name->s[0] == '.' &&
	       (name->s[1] == 0 || (name->s[1] == '.' && name->s[2] == 0));
}

// Replaces *dp by what its entry `name` refers to. The reference goes along,
// and is gone after an error.
static int
step(struct inode **dp, const struct name *name)
{
	struct inode *ip = NULL;
	int err;

	dir_lock(*dp, RANK_DIR);
	err = dir_usable(*dp);
	if (!err)
		err = dir_open(*dp, name, &ip, NULL);
	inode_unlock(*dp);
	inode_put(*dp);
	*dp = ip;
	return err;
}

static struct inode *
walk_start(struct inode *cwd, const char *path)
{
	return inode_get(*path == '/' || !cwd ? itable_root() : cwd);
}

int
path_find(struct inode *cwd, const char *path, struct inode **ip)
{
	struct name name;
	int err = *path ? 0 : -ENOENT;

	if (err)
		return err;
	*ip = walk_start(cwd, path);
	// The reference in *ip walks along: step passes it on.
	while (!err && next_part(&path, &name))
		err = step(ip, &name);
	if (!err && path[-1] == '/' && (*ip)->type != T_DIR) {
		inode_put(*ip);
		err = -ENOTDIR;
	}
	return err;
}

int
path_parent(struct inode *cwd, const char *path, struct place *at)
{
	int err = 0;

	if (!*path)
		return -ENOENT;
	at->dp = walk_start(cwd, path);
	while (!err && next_part(&path, &at->name) && !is_last(path))
		err = step(&at->dp, &at->name);
	at->slash = *path == '/';
	return err;
}

// ---- Making -----------------------------------------------------------------

// A directory's entry, the new inode, its first page, the bitmap, and a spare.
#define CREATE_CREDITS (DIR_CREDITS + 4)

// A new inode that is to get a name.
struct new_entry {
	struct inode *ip;
	struct page *pg; // the first page of a directory, else NULL
	short type, major, minor;
};

// The operation: the new inode gets its name at s. Holds dp->lock.
static int
enter_new(struct inode *dp, const struct name *name, struct dir_slot *s,
	  const struct new_entry *b)
{
	uint dir = b->type == T_DIR;
	struct inode *ip = b->ip;
	struct log_op op;
	uint need;
	int err = dir_need(dp, s, &need);

	if (!err)
		err = op_begin(&op, CREATE_CREDITS, need + dir);
	if (err)
		return err;
	err = dir_enter(&op, dp, s, name, ip->num);
	if (!err) {
		// The entry is there: from here on nothing may fail.
		ip->major = b->major;
		ip->minor = b->minor;
		ip->nlink = 1;
		ip->type = b->type;
		if (dir) {
			dir_begin(&op, ip, b->pg);
			dp->nlink++; // for .. in the new directory
			itable_update(&op, dp);
		}
		itable_update(&op, ip);
	}
	op_end(&op);
	return err;
}

// Prepares everything that can fail, then runs the operation. Holds dp->lock.
static int
create_in(struct inode *dp, const struct name *name, struct new_entry *b)
{
	struct dir_slot s;
	int err = 0;

	if (b->type == T_DIR)
		err = dp->nlink < FS_MAXLINKS ? dir_prepare(b->ip, dp, &b->pg)
					      : -EMLINK;
	if (err)
		return err;
	err = dir_room(dp, &s);
	if (!err) {
		err = enter_new(dp, name, &s, b);
		dir_release(dp, &s);
	}
	if (b->pg)
		page_put(b->pg);
	if (b->pg && err)
		cache_cut(&b->ip->pages, 0, 0);
	return err;
}

// 0 if a new entry of that name can be made in dp. Holds dp->lock.
static int
must_be_absent(struct inode *dp, const struct name *name)
{
	uint num;
	int err = dir_usable(dp);

	if (err)
		return err;
	if (!name->s[0])
		return -EEXIST; // the path is the root
	err = dir_find(dp, name, &num, NULL);
	return !err ? -EEXIST : err == -ENOENT ? 0 : err;
}

// Makes what e describes at path. If ip is not NULL, *ip gets the inode.
static int
create_at(struct inode *cwd, const char *path, struct new_entry *e,
	  struct inode **ip)
{
	struct place at;
	int err = path_parent(cwd, path, &at);

	if (err)
		return err;
	dir_lock(at.dp, RANK_DIR);
	err = must_be_absent(at.dp, &at.name);
	if (!err && at.slash && e->type != T_DIR)
		err = -EISDIR;
	if (!err)
		err = itable_new(&e->ip);
	if (!err)
		err = create_in(at.dp, &at.name, e);
	inode_unlock(at.dp);
	inode_put(at.dp);
	if (!err && ip)
		*ip = e->ip;
	else if (e->ip)
		inode_put(e->ip);
	return err;
}

int
path_create(struct inode *cwd, const char *path, short type, struct inode **ip)
{
	struct new_entry e = { .type = type };

	return create_at(cwd, path, &e, ip);
}

int
path_mknod(struct inode *cwd, const char *path, short major, short minor)
{
	struct new_entry e = { .type = T_DEV, .major = major, .minor = minor };

	return create_at(cwd, path, &e, NULL);
}

// Holds dp->lock and ip->lock.
static int
link_in(struct inode *dp, const struct name *name, struct inode *ip)
{
	struct dir_slot s;
	struct log_op op;
	uint need;
	int err = must_be_absent(dp, name);

	if (!err && ip->nlink == 0)
		err = -ENOENT;
	if (!err && ip->nlink >= FS_MAXLINKS)
		err = -EMLINK;
	if (!err)
		err = dir_room(dp, &s);
	if (err)
		return err;
	err = dir_need(dp, &s, &need);
	if (!err)
		err = op_begin(&op, DIR_CREDITS + 1, need);
	if (!err) {
		err = dir_enter(&op, dp, &s, name, ip->num);
		if (!err) {
			ip->nlink++;
			itable_update(&op, ip);
		}
		op_end(&op);
	}
	dir_release(dp, &s);
	return err;
}

static int
link_at(const struct place *at, struct inode *ip)
{
	int err;

	dir_lock(at->dp, RANK_DIR);
	err = dir_usable(at->dp);
	if (!err) {
		inode_lock(ip);
		err = link_in(at->dp, &at->name, ip);
		inode_unlock(ip);
	}
	inode_unlock(at->dp);
	return err;
}

int
path_link(struct inode *cwd, const char *old, const char *new)
{
	struct inode *ip;
	struct place at;
	int err = path_find(cwd, old, &ip);

	if (err)
		return err;
	err = ip->type == T_DIR ? -EPERM : path_parent(cwd, new, &at);
	if (!err) {
		err = at.slash ? -ENOTDIR : link_at(&at, ip);
		inode_put(at.dp);
	}
	inode_put(ip);
	return err;
}

// ---- Removing ---------------------------------------------------------------

void
name_drop(struct log_op *op, struct inode *dp, struct inode *ip)
{
	if (ip->type == T_DIR) {
		// Its .. is gone. On a damaged disk the count may be too small.
		dp->nlink -= dp->nlink > 1;
		ip->nlink = 0;
	} else {
		ip->nlink--;
	}
	if (ip->nlink == 0)
		itable_add_orphan(op, ip);
	itable_update(op, ip);
	itable_update(op, dp);
}

// Removes the entry at s, which refers to ip. Holds dp->lock and ip->lock.
static int
unlink_in(struct inode *dp, struct inode *ip, struct dir_slot *s)
{
	struct log_op op;
	int r = ip->type == T_DIR ? dir_is_empty(ip) : 1;

	if (r <= 0)
		return r ? r : -ENOTEMPTY;
	if (ip->nlink == 0)
		return -EIO;
	r = op_begin(&op, 4, 0);
	if (r)
		return r;
	dir_set(&op, dp, s, 0);
	name_drop(&op, dp, ip);
	op_end(&op);
	dir_trim(dp, s);
	return 0;
}

// Looks the name up and removes it. *out gets the inode that had the name; the
// caller drops it when the directory is unlocked. Holds the directory's lock.
static int
unlink_name(const struct place *at, struct inode **out)
{
	struct inode *dp = at->dp, *ip;
	struct dir_slot s;
	int err = dir_usable(dp);

	if (!err)
		err = dir_open(dp, &at->name, &ip, &s);
	if (err)
		return err;
	*out = ip;
	if (at->slash && ip->type != T_DIR) {
		err = -ENOTDIR;
	} else if (ip == dp || ip->num == FS_ROOT) {
		// On a damaged disk a name may lead back to its own directory
		// or to the root: to lock that would wait for ever.
		err = -EIO;
	} else {
		dir_lock(ip, ip->type == T_DIR ? RANK_DIR2 : RANK_INODE);
		err = unlink_in(dp, ip, &s);
		inode_unlock(ip);
	}
	dir_release(dp, &s);
	return err;
}

int
path_unlink(struct inode *cwd, const char *path)
{
	struct inode *ip = NULL;
	struct place at;
	int err = path_parent(cwd, path, &at);

	if (err)
		return err;
	err = !at.name.s[0] ? -EBUSY : name_is_dots(&at.name) ? -EINVAL : 0;
	if (!err) {
		dir_lock(at.dp, RANK_DIR);
		err = unlink_name(&at, &ip);
		inode_unlock(at.dp);
	}
	inode_put(at.dp);
	if (ip)
		inode_put(ip);
	return err;
}
