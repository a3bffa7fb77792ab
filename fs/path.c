// Names: walking paths, making and removing entries.
//
// A walk holds one directory at a time, and by reference only between two. An
// operation on a name locks the directory, then what the name refers to, then
// begins its transaction, in which nothing fails but the first step. References
// are put when all locks are gone, because the last one may free a file.
#include "fs/path.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "fs/dir.h"
#include "fs/fs.h"
#include "fs/itable.h"
#include "fs/names.h"
#include "fs/map.h"
#include "fs/cache.h"
#include "lib/string.h"

// Cuts the next part off *path into name. False: there is none.
static bool
next_part(const char **path, struct name *name)
{
	const char *p = *path;
	uint n = 0;

	while (*p == '/')
		p++;
	*name = (struct name){ .zero = 0 };
	for (; *p && *p != '/'; p++)
		if (n < NAME_MAX)
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

void
dir_lock(struct inode *dp, enum lock_rank rank) __acquires(&dp->lock)
{
	mutex_lock_as(&dp->lock, rank);
}

int
dir_usable(const struct inode *dp)
{
	if (dp->type != T_DIR)
		return -ENOTDIR;
	return dp->nlink > 0 ? 0 : -ENOENT;
}

// Holds dp->lock.
int
dir_open(struct inode *dp, const struct name *name, struct inode **ip,
	 struct dir_slot *s)
{
	uint num;
	int r = dir_find(dp, name, &num, s);

	if (r)
		return r;
	r = itable_open(num, ip);
	if (r == 0 && (*ip)->nlink == 0) {
		// A damaged image: the name of an inode that has none.
		inode_put(*ip);
		r = -EIO;
	}
	if (r && s)
		dir_release(dp, s);
	return r;
}

// Goes from *dp to its entry `name`; *dp's reference becomes the entry's.
static int
step(struct inode **dp, const struct name *name)
{
	struct inode *ip = NULL;
	int r;

	dir_lock(*dp, RANK_DIR);
	r = dir_usable(*dp);
	if (r == 0)
		r = dir_open(*dp, name, &ip, NULL);
	inode_unlock(*dp);
	inode_put(*dp);
	*dp = ip;
	return r;
}

static struct inode *
walk_start(struct inode *cwd, const char *path)
{
	return *path == '/' || !cwd ? fs_root() : inode_get(cwd);
}

int
path_find(struct inode *cwd, const char *path, struct inode **ip)
{
	struct name name;
	int r = *path ? 0 : -ENOENT;

	if (r)
		return r;
	*ip = walk_start(cwd, path);
	while (r == 0 && next_part(&path, &name))
		r = step(ip, &name);
	if (r == 0 && path[-1] == '/' && (*ip)->type != T_DIR) {
		inode_put(*ip);
		r = -ENOTDIR;
	}
	return r;
}

int
path_parent(struct inode *cwd, const char *path, struct place *at)
{
	int r = 0;

	if (!*path)
		return -ENOENT;
	at->dp = walk_start(cwd, path);
	while (r == 0 && next_part(&path, &at->name) && !is_last(path))
		r = step(&at->dp, &at->name);
	at->slash = *path == '/';
	return r;
}

// ---- Making -----------------------------------------------------------------

#define CREATE_CREDITS (DIR_CREDITS + 4) // inode, first page, its bitmap, spare

// Something that is about to get a name.
struct newborn {
	struct inode *ip;
	struct page *pg; // a directory's first page
	short type, major, minor;
};

// The transaction. Holds dp->lock; s is where the entry goes.
static int
give_birth(struct inode *dp, const struct name *name, struct dir_slot *s,
	   const struct newborn *b)
{
	uint dir = b->type == T_DIR;
	struct inode *ip = b->ip;
	struct log_op op;
	uint need;
	int r = dir_need(dp, s, &need);

	if (r == 0)
		r = log_begin(&op, CREATE_CREDITS, need + dir);
	if (r)
		return r;
	r = dir_enter(&op, dp, s, name, ip->num);
	if (r == 0) {
		// From here on nothing fails.
		ip->major = b->major;
		ip->minor = b->minor;
		ip->nlink = 1;
		ip->type = b->type;
		if (dir)
			dir_begin(&op, ip, b->pg);
		dp->nlink += dir; // the child's ..
		itable_update(&op, ip);
		itable_update(&op, dp);
	}
	log_end(&op);
	return r;
}

// Makes ready what the transaction needs. Holds dp->lock.
static int
create_in(struct inode *dp, const struct name *name, struct newborn *b)
{
	struct dir_slot s;
	int r = 0;

	if (b->type == T_DIR)
		r = dp->nlink < FS_MAXLINKS ? dir_prepare(b->ip, dp, &b->pg)
					    : -EMLINK;
	if (r)
		return r;
	r = dir_room(dp, &s);
	if (r == 0) {
		r = give_birth(dp, name, &s, b);
		dir_release(dp, &s);
	}
	if (b->pg)
		page_put(b->pg);
	if (b->pg && r)
		cache_cut(b->ip, 0, 0);
	return r;
}

// 0 if dp has no such name, but may. Holds dp->lock.
static int
must_be_absent(struct inode *dp, const struct name *name)
{
	uint num;
	int r = dir_usable(dp);

	if (r)
		return r;
	if (!name->s[0])
		return -EEXIST; // the root
	r = dir_find(dp, name, &num, NULL);
	return r == 0 ? -EEXIST : r == -ENOENT ? 0 : r;
}

int
path_create(struct inode *cwd, const char *path, short type, short major,
	    short minor, struct inode **ip)
{
	struct newborn b = { NULL, NULL, type, major, minor };
	struct place at;
	int r = path_parent(cwd, path, &at);

	if (r)
		return r;
	dir_lock(at.dp, RANK_DIR);
	r = must_be_absent(at.dp, &at.name);
	if (r == 0 && at.slash && type != T_DIR)
		r = -EISDIR;
	if (r == 0)
		r = itable_new(&b.ip);
	if (r == 0)
		r = create_in(at.dp, &at.name, &b);
	inode_unlock(at.dp);
	inode_put(at.dp);
	if (r == 0 && ip)
		*ip = b.ip;
	else if (b.ip)
		inode_put(b.ip);
	return r;
}

// Holds dp->lock and ip->lock.
static int
link_in(struct inode *dp, const struct name *name, struct inode *ip)
{
	struct dir_slot s;
	struct log_op op;
	uint need;
	int r = must_be_absent(dp, name);

	if (r == 0 && ip->nlink == 0)
		r = -ENOENT;
	if (r == 0 && ip->nlink >= FS_MAXLINKS)
		r = -EMLINK;
	if (r == 0)
		r = dir_room(dp, &s);
	if (r)
		return r;
	r = dir_need(dp, &s, &need);
	if (r == 0)
		r = log_begin(&op, DIR_CREDITS + 1, need);
	if (r == 0) {
		r = dir_enter(&op, dp, &s, name, ip->num);
		if (r == 0) {
			ip->nlink++;
			itable_update(&op, ip);
		}
		log_end(&op);
	}
	dir_release(dp, &s);
	return r;
}

static int
link_at(const struct place *at, struct inode *ip)
{
	int r;

	dir_lock(at->dp, RANK_DIR);
	r = dir_usable(at->dp);
	if (r == 0) {
		inode_lock(ip);
		r = link_in(at->dp, &at->name, ip);
		inode_unlock(ip);
	}
	inode_unlock(at->dp);
	return r;
}

int
path_link(struct inode *cwd, const char *old, const char *new)
{
	struct inode *ip;
	struct place at;
	int r = path_find(cwd, old, &ip);

	if (r)
		return r;
	r = ip->type == T_DIR ? -EPERM : path_parent(cwd, new, &at);
	if (r == 0) {
		r = at.slash ? -ENOTDIR : link_at(&at, ip);
		inode_put(at.dp);
	}
	inode_put(ip);
	return r;
}

// ---- Removing ---------------------------------------------------------------

void
name_drop(struct log_op *op, struct inode *dp, struct inode *ip)
{
	if (ip->type == T_DIR) {
		dp->nlink -= dp->nlink > 1; // its .. is gone
		ip->nlink = 0;
	} else {
		ip->nlink--;
	}
	if (ip->nlink == 0)
		itable_add_orphan(op, ip);
	itable_update(op, ip);
	itable_update(op, dp);
}

// Holds dp->lock and ip->lock; s is the entry.
static int
unlink_in(struct inode *dp, struct inode *ip, struct dir_slot *s)
{
	struct log_op op;
	int r = ip->type == T_DIR ? dir_is_empty(ip) : 1;

	if (r <= 0)
		return r ? r : -ENOTEMPTY;
	if (ip->nlink == 0)
		return -EIO;
	r = log_begin(&op, 4, 0);
	if (r)
		return r;
	dir_set(&op, dp, s, 0);
	name_drop(&op, dp, ip);
	log_end(&op);
	dir_trim(dp, s);
	return 0;
}

// Holds the directory's lock. *out is what had the name, for inode_put.
static int
unlink_name(const struct place *at, struct inode **out)
{
	struct inode *dp = at->dp, *ip;
	struct dir_slot s;
	int r = dir_usable(dp);

	if (r == 0)
		r = dir_open(dp, &at->name, &ip, &s);
	if (r)
		return r;
	*out = ip;
	if (at->slash && ip->type != T_DIR) {
		r = -ENOTDIR;
	} else if (ip == dp || ip->num == FS_ROOT) {
		r = -EIO; // a damaged image
	} else {
		dir_lock(ip, ip->type == T_DIR ? RANK_DIR2 : RANK_INODE);
		r = unlink_in(dp, ip, &s);
		inode_unlock(ip);
	}
	dir_release(dp, &s);
	return r;
}

int
path_unlink(struct inode *cwd, const char *path)
{
	struct inode *ip = NULL;
	struct place at;
	int r = path_parent(cwd, path, &at);

	if (r)
		return r;
	r = !at.name.s[0] ? -EBUSY : name_is_dots(&at.name) ? -EINVAL : 0;
	if (r == 0) {
		dir_lock(at.dp, RANK_DIR);
		r = unlink_name(&at, &ip);
		inode_unlock(at.dp);
	}
	inode_put(at.dp);
	if (ip)
		inode_put(ip);
	return r;
}
