// rename: the one operation that locks two directories.
//
// Only renames move directories, and one rename runs at a time. So the tree
// above a directory does not change during a rename. A directory is locked
// before the directories below it, as in unlink. Two directories of which
// neither is above the other may be locked in any order, as nobody else locks
// two such directories.
//
// To know which directory is above, the names are looked up before the locks
// are taken. Another process may change an entry in between. So the names are
// looked up again under the locks, and if an entry has changed, everything is
// repeated.
#include "abi/errno.h"
#include "fs/alloc.h"
#include "fs/names.h"
#include "fs/path.h"
#include "fs/super.h"

// For the old entry, both directories, .., and name_drop.
#define RENAME_CREDITS (DIR_CREDITS + 7)

static struct mutex rename_lock = MUTEX(rename_lock, "rename", RANK_RENAME);

struct rename {
	struct inode *from, *to;     // directories
	struct name old, new;
	bool slash;                  // a path ends in a slash
	struct inode *ip;            // what `old` refers to
	struct inode *victim;        // what `new` refers to, or NULL
	struct dir_slot from_slot, to_slot;
	struct page *dots;           // the page with .. if .. changes, or NULL
};

// 1 if a is d or above d, 0 if not. Holds rename_lock and no lock of an inode.
static int
is_above(struct inode *a, struct inode *d)
{
	static const struct name dotdot = { .s = ".." };
	uint steps = 0;
	int err = 0;

	if (a->type != T_DIR)
		return 0;
	inode_get(d);
	while (!err && d != a && d->num != FS_ROOT) {
		struct inode *up = NULL;

		// On a damaged disk the way up may be a circle.
		err = ++steps > fs_super->inodes ? -EIO : 0;
		dir_lock(d, RANK_DIR);
		if (!err)
			err = dir_usable(d);
		if (!err)
			err = dir_open(d, &dotdot, &up, NULL);
		inode_unlock(d);
		inode_put(d);
		d = up;
	}
	if (err)
		return err;
	inode_put(d);
	return d == a;
}

// *ip gets the inode of a name with a reference, or NULL if there is no such
// name.
static int
lookup_locked(struct inode *dp, const struct name *name, struct inode **ip)
{
	int err;

	dir_lock(dp, RANK_DIR);
	err = dir_usable(dp);
	if (err) {
		*ip = NULL;
		inode_unlock(dp);
		return err;
	}
	err = dir_open(dp, name, ip, NULL);
	inode_unlock(dp);
	if (err)
		*ip = NULL;
	return err == -ENOENT ? 0 : err;
}

// Looks both names up. An error if POSIX forbids the rename.
static int
check_rename(struct rename *m)
{
	int r = lookup_locked(m->from, &m->old, &m->ip);

	if (r == 0 && !m->ip)
		r = -ENOENT;
	if (r == 0)
		r = lookup_locked(m->to, &m->new, &m->victim);
	if (r)
		return r;
	if (m->slash && m->ip->type != T_DIR)
		return -ENOTDIR;
	if (m->victim == m->ip)
		return 0;
	if (m->victim && m->ip->type == T_DIR && m->victim->type != T_DIR)
		return -ENOTDIR;
	if (m->victim && m->ip->type != T_DIR && m->victim->type == T_DIR)
		return -EISDIR;
	r = is_above(m->ip, m->to);
	if (r)
		return r < 0 ? r : -EINVAL;
	r = m->victim ? is_above(m->victim, m->from) : 0;
	return r < 0 ? r : r ? -ENOTEMPTY : 0;
}

// 0 if the name still refers to ip, or if ip is NULL and there is still no such
// name. *s gets the place of the entry. -EAGAIN if the entry has changed.
static int
name_unchanged(struct inode *dp, const struct name *name,
	       const struct inode *ip, struct dir_slot *s)
{
	uint num;
	int err = dir_find(dp, name, &num, s);

	if (err == -ENOENT)
		return ip ? -EAGAIN : 0;
	if (!err && (!ip || num != ip->num)) {
		dir_release(dp, s);
		err = -EAGAIN;
	}
	return err;
}

// The steps that cannot fail, when `new` refers to ip.
static void
finish_move(struct log_op *op, struct rename *m)
{
	bool dir = m->ip->type == T_DIR && m->from != m->to;

	dir_set(op, m->from, &m->from_slot, 0);
	// A directory's count includes .. of each directory in it.
	m->to->nlink += dir;
	m->from->nlink -= dir && m->from->nlink > 1;
	if (m->victim)
		name_drop(op, m->to, m->victim);
	if (m->dots) {
		((struct dirent *)page_va(m->dots))[1].inum = m->to->num;
		log_write(op, m->dots);
	}
	itable_update(op, m->from);
	itable_update(op, m->to);
}

// The operation. Both directories and the victim are locked.
static int
move_entry(struct rename *m)
{
	struct log_op op;
	uint need = 0;
	int err = m->victim ? 0 : dir_need(m->to, &m->to_slot, &need);

	if (!err)
		err = op_begin(&op, RENAME_CREDITS, need);
	if (err)
		return err;
	// First the new name: only a new entry can fail.
	if (m->victim)
		dir_set(&op, m->to, &m->to_slot, m->ip->num);
	else
		err = dir_enter(&op, m->to, &m->to_slot, &m->new, m->ip->num);
	if (!err)
		finish_move(&op, m);
	op_end(&op);
	if (!err)
		dir_trim(m->from, &m->from_slot);
	return err;
}

// Locks the victim, checks it, and moves the entry.
static int
replace_victim(struct rename *m)
{
	int r = 1;

	if (!m->victim)
		return move_entry(m);
	inode_lock(m->victim);
	if (m->victim->type == T_DIR)
		r = dir_is_empty(m->victim);
	r = r < 0	       ? r
	    : r == 0	       ? -ENOTEMPTY
	    : m->victim->nlink ? move_entry(m)
			       : -EIO;
	inode_unlock(m->victim);
	return r;
}

// If a directory gets another parent, m->dots gets the page with its .. entry.
// Nobody can remove that entry in the meantime, as the parent is locked.
static int
get_dots(struct rename *m)
{
	static const struct name dotdot = { .s = ".." };
	struct dir_slot s;
	uint num;
	int err;

	if (m->ip->type != T_DIR || m->from == m->to)
		return 0;
	if (m->to->nlink >= FS_MAXLINKS)
		return -EMLINK;
	inode_lock(m->ip);
	err = dir_find(m->ip, &dotdot, &num, &s);
	inode_unlock(m->ip);
	if (!err && s.off == sizeof(struct dirent) && s.pg->block) {
		m->dots = s.pg;
		return 0;
	}
	if (!err)
		page_put(s.pg);
	return err == -ENOMEM ? err : -EIO; // the disk is damaged
}

// On a damaged disk a directory may have an entry that refers to itself, while
// its .. leads elsewhere. To lock such a directory twice would wait for ever.
static bool
in_itself(const struct rename *m)
{
	return m->ip == m->from || m->ip == m->to ||
	       (m->victim && (m->victim == m->from || m->victim == m->to));
}

// Looks the names up again and moves the entry. Holds both directories' locks.
static int
rename_in(struct rename *m)
{
	int err = in_itself(m) ? -EIO : dir_usable(m->from);

	if (!err)
		err = dir_usable(m->to);
	if (!err)
		err = name_unchanged(m->from, &m->old, m->ip, &m->from_slot);
	if (err)
		return err;
	err = name_unchanged(m->to, &m->new, m->victim, &m->to_slot);
	if (!err && !m->victim)
		err = dir_room(m->to, &m->to_slot);
	if (!err) {
		err = get_dots(m);
		if (!err)
			err = replace_victim(m);
		if (m->dots)
			page_put(m->dots);
		m->dots = NULL;
		dir_release(m->to, &m->to_slot);
	}
	dir_release(m->from, &m->from_slot);
	return err;
}

// Locks both directories, the upper one first, and renames.
static int
rename_locked(struct rename *m)
{
	struct inode *upper = m->from, *lower = m->to;
	int r = m->from == m->to ? 0 : is_above(m->to, m->from);

	if (r < 0)
		return r;
	if (r) {
		upper = m->to;
		lower = m->from;
	}
	dir_lock(upper, RANK_DIR);
	if (lower == upper) {
		r = rename_in(m);
	} else {
		dir_lock(lower, RANK_DIR2);
		r = rename_in(m);
		inode_unlock(lower);
	}
	inode_unlock(upper);
	return r;
}

static int
rename_once(struct rename *m)
{
	int err;

	m->ip = m->victim = NULL;
	err = check_rename(m);
	if (!err && m->ip != m->victim)
		err = rename_locked(m);
	if (m->ip)
		inode_put(m->ip);
	if (m->victim)
		inode_put(m->victim);
	return err;
}

static int
rename_places(const struct place *old, const struct place *new)
{
	struct rename m = { .from = old->dp,
			   .to = new->dp,
			   .old = old->name,
			   .new = new->name,
			   .slash = old->slash || new->slash};
	int err;

	if (!m.old.s[0] || !m.new.s[0])
		return -EBUSY;
	if (name_is_dots(&m.old) || name_is_dots(&m.new))
		return -EINVAL;
	mutex_lock(&rename_lock);
	while ((err = rename_once(&m)) == -EAGAIN)
		;
	mutex_unlock(&rename_lock);
	return err;
}

int
path_rename(struct inode *cwd, const char *old, const char *new)
{
	struct place from, to;
	int err = path_parent(cwd, old, &from);

	if (err)
		return err;
	err = path_parent(cwd, new, &to);
	if (!err) {
		err = rename_places(&from, &to);
		inode_put(to.dp);
	}
	inode_put(from.dp);
	return err;
}
