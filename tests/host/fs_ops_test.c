// Catches: a file system that forgets or invents bytes, names, links or
// sizes: random operations beside a model of a tree in memory, restarts in
// between, with little memory and a small journal, and fsck after each.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_model.h"

// ---- Operations, on both ----------------------------------------------------

static struct {
	struct inode *ip;
	int node;
} opened[MAX_OPEN];

static void
op_create(void)
{
	char path[200], name[20];
	int d = any_name(path, name), n, r, want;
	short type = rnd(4) ? T_FILE : T_DIR;

	if (nodes[d].nkids == MAX_KIDS || !room_for_one())
		return;
	r = path_create(NULL, path, type, NULL);
	want = kid(d, name) >= 0 ? -EEXIST : 0;
	if (r != want)
		host_die("create %s: %d, not %d", path, r, want);
	if (r)
		return;
	n = new_node(type);
	CHECK(n > 0);
	add_kid(d, name, n);
}

static void
op_open(void)
{
	char path[200], name[20];
	int d = any_name(path, name), k = kid(d, name), i = (int)rnd(MAX_OPEN);
	struct inode *ip;
	int r;

	if (opened[i].ip) {
		inode_put(opened[i].ip);
		opened[i].ip = NULL;
		nodes[opened[i].node].opens--;
		drop_node(opened[i].node);
		return;
	}
	r = path_find(NULL, path, &ip);
	if (r != (k < 0 ? -ENOENT : 0))
		host_die("open %s: %d", path, r);
	if (r)
		return;
	if (ip->type != T_FILE) {
		inode_put(ip);
		return;
	}
	opened[i].ip = ip;
	opened[i].node = nodes[d].kids[k].node;
	nodes[opened[i].node].opens++;
}

static void
compare(struct inode *ip, int n)
{
	struct node *m = &nodes[n];
	struct stat st;

	inode_stat(ip, &st);
	if (st.size != m->size || st.nlink != m->nlink || st.type != m->type)
		host_die("node %d: size %u links %d, not %u %d", n, st.size,
			 st.nlink, m->size, m->nlink);
	CHECK(t_read(ip, 0, bytes, MAX_FILE + 1) == (int)m->size);
	for (uint i = 0; i < m->size; i++)
		if (bytes[i] != m->data[i])
			host_die("node %d of %u bytes: byte %u is %x, not %x",
				 n, m->size, i, bytes[i], m->data[i]);
}

// Cuts or grows the open file i, and its node.
static void
op_truncate(int i)
{
	struct node *m = &nodes[opened[i].node];
	uint size = rnd(2) ? rnd(MAX_FILE / 2) : m->size / 2;
	int err = inode_truncate(opened[i].ip, size);

	if (err)
		host_die("truncate: %d", err);
	if (size > m->size)
		memset(m->data + m->size, 0, size - m->size);
	m->size = size;
}

// Writes n random bytes at off (or at the end) to the open file i and its node.
static void
op_write(int i, uint off, uint n)
{
	struct node *m = &nodes[opened[i].node];
	uint at = rnd(10) ? off : INODE_END;
	int r;

	for (uint j = 0; j < n; j++)
		bytes[j] = (uchar)rnd(256);
	r = t_write(opened[i].ip, at, bytes, n);
	if (at == INODE_END)
		off = m->size;
	if (r != (int)n)
		host_die("write %u at %u: %d", n, off, r);
	if (n == 0)
		return;
	if (off > m->size)
		memset(m->data + m->size, 0, off - m->size);
	memcpy(m->data + off, bytes, n);
	m->size = max_uint(m->size, off + n);
}

static void
op_file(void)
{
	int i = (int)rnd(MAX_OPEN);
	struct node *m = &nodes[opened[i].node];
	uint off, n, what = rnd(8);

	if (!opened[i].ip)
		return;
	if (commit_lock.owner && opened[i].ip->stale_tail)
		return; // it might wait for the commit during which we run
	off = rnd(4) ? m->size : rnd(rnd(3) ? m->size + 5000 : MAX_FILE / 2);
	n = rnd(rnd(3) ? 9000 : 100000);
	if (rnd(4) == 0) {
		off &= ~4095u;
		n &= ~4095u;
	}
	if (what == 0)
		compare(opened[i].ip, opened[i].node);
	else if (what == 1)
		op_truncate(i);
	else if (off + n <= MAX_FILE)
		op_write(i, off, n);
}

static void
op_link(void)
{
	char a[200], b[200], an[20], bn[20];
	int da = any_name(a, an), db = any_name(b, bn);
	int ka = kid(da, an), n = ka < 0 ? -1 : nodes[da].kids[ka].node;
	int want = n < 0		    ? -ENOENT
		   : nodes[n].type == T_DIR ? -EPERM
		   : kid(db, bn) >= 0	    ? -EEXIST
					    : 0;
	int r;

	if (nodes[db].nkids == MAX_KIDS)
		return;
	r = path_link(NULL, a, b);
	if (r != want)
		host_die("link %s %s: %d, not %d", a, b, r, want);
	if (r == 0) {
		nodes[n].nlink++;
		add_kid(db, bn, n);
	}
}

static void
lose_name(int n)
{
	nodes[n].nlink = nodes[n].type == T_DIR ? 0 : nodes[n].nlink - 1;
	drop_node(n);
}

static void
op_unlink(void)
{
	char path[200], name[20];
	int d = any_name(path, name), k = kid(d, name);
	int n = k < 0 ? -1 : nodes[d].kids[k].node;
	int want = k < 0				      ? -ENOENT
		   : nodes[n].type == T_DIR && nodes[n].nkids ? -ENOTEMPTY
							      : 0;
	int r = path_unlink(NULL, path);

	if (r != want)
		host_die("unlink %s: %d, not %d", path, r, want);
	if (r == 0) {
		take_kid(d, k);
		lose_name(n);
	}
}

static bool
above(int a, int d)
{
	while (d != a && d != 0)
		d = nodes[d].up;
	return d == a;
}

static int
want_rename(int n, int victim, int da, int db)
{
	bool dir;

	if (n < 0)
		return -ENOENT;
	dir = nodes[n].type == T_DIR;
	if (victim == n)
		return 0;
	if (victim >= 0 && dir && nodes[victim].type != T_DIR)
		return -ENOTDIR;
	if (victim >= 0 && !dir && nodes[victim].type == T_DIR)
		return -EISDIR;
	if (dir && above(n, db))
		return -EINVAL;
	if (victim >= 0 && nodes[victim].type == T_DIR &&
	    (nodes[victim].nkids || above(victim, da)))
		return -ENOTEMPTY;
	return 0;
}

static void
op_rename(void)
{
	char a[200], b[200], an[20], bn[20];
	int da = any_name(a, an), db = any_name(b, bn);
	int ka = kid(da, an), n = ka < 0 ? -1 : nodes[da].kids[ka].node;
	int kb = kid(db, bn), victim = kb < 0 ? -1 : nodes[db].kids[kb].node;
	int want = want_rename(n, victim, da, db), r;

	if (nodes[db].nkids == MAX_KIDS)
		return;
	r = path_rename(NULL, a, b);
	if (r != want)
		host_die("rename %s %s: %d, not %d", a, b, r, want);
	if (r || victim == n)
		return;
	if (victim >= 0) {
		take_kid(db, kb);
		lose_name(victim);
	}
	take_kid(da, kid(da, an));
	add_kid(db, bn, n);
}

// ---- Checks -----------------------------------------------------------------

static void
verify(int d, const char *path)
{
	char sub[4096];
	struct inode *ip;
	uint entries = 0;
	struct dirent *e = (struct dirent *)bytes;
	int n;

	CHECK(path_find(NULL, path, &ip) == 0);
	CHECK(ip->nlink == nodes[d].nlink);
	n = t_read(ip, 0, bytes, MAX_FILE);
	for (int i = 0; i < n / 16; i++)
		entries += e[i].inum != 0;
	CHECK(entries == (uint)nodes[d].nkids + 2);
	inode_put(ip);
	for (int i = 0; i < nodes[d].nkids; i++) {
		int k = nodes[d].kids[i].node;

		snprintf(sub, sizeof(sub) - 1, "%s%s", path,
			 nodes[d].kids[i].name);
		if (nodes[k].type == T_DIR) {
			strcat(sub, "/");
			verify(k, sub);
			continue;
		}
		CHECK(path_find(NULL, sub, &ip) == 0);
		compare(ip, k);
		inode_put(ip);
	}
}

static void
any_op(void)
{
	static void (*const ops[])(void) = {
		op_create, op_create, op_open, op_open, op_file, op_file,
		op_file, op_file, op_link, op_unlink, op_unlink, op_rename,
	};

	ops[rnd(countof(ops))]();
}

// Commits, with operations of "other threads" at every request to the disk.
static void
busy_commit(bool durable)
{
	host_meanwhile = any_op;
	CHECK(log_commit(durable) == 0);
	host_meanwhile = NULL;
}

// One life of the machine.
static int
life(void *arg)
{
	uint n = *(uint *)arg;

	CHECK(fs_mount() == 0);
	verify(0, "/");
	for (uint i = 0; i < n; i++) {
		any_op();
		if (rnd(50) == 0)
			fs_reclaim(rnd(100));
		if (rnd(30) == 0)
			busy_commit(rnd(2));
	}
	verify(0, "/");
	for (int i = 0; i < MAX_OPEN; i++)
		if (opened[i].ip) {
			compare(opened[i].ip, opened[i].node);
			// Half of them are orphans of a machine switched off.
			if (i & 1)
				inode_put(opened[i].ip);
			nodes[opened[i].node].opens--;
			drop_node(opened[i].node);
		}
	CHECK(fs_sync() == 0);
	CHECK(cache_dirty_count() == 0);
	fs_reclaim(100000);
	CHECK(host_spins == 0 && host_mutexes == 0);
	return 0;
}

// A new disk with an empty file system, and a model with nothing but a root.
static void
begin_round(uint round)
{
	host_disk_new(24000, 0);
	host_mkfs(round == 0 ? 256 : 1024, 1 + FS_LOG_MIN + 100 * round);
	for (int i = 0; i < MAX_NODES; i++)
		nodes[i].type = nodes[i].opens = 0;
	nodes[0].type = T_DIR;
	nodes[0].nlink = 1;
	nodes[0].nkids = 0;
	*seed = 42 + round;
}

int
main(int argc, char **argv)
{
	uint lives = argc > 1 ? (uint)atoi(argv[1]) : 24, ops = 400;

	nodes = host_shared(MAX_NODES * sizeof(*nodes));
	seed = host_shared(sizeof(*seed));
	bytes = malloc(MAX_FILE + 4096);
	for (int i = 0; i < MAX_NODES; i++)
		nodes[i].data = host_shared(MAX_FILE + 200000);
	for (uint round = 0; round < 3; round++) {
		// The first rounds have less memory than files.
		uint memory = round == 2 ? 4000 : 700 + 400 * round;

		begin_round(round);
		for (uint i = 0; i < lives; i++) {
			int r = in_machine(memory, life, &ops);

			if (r)
				host_die("round %u life %u: %d", round, i, r);
			if (host_fsck(disk_bytes))
				host_die("round %u life %u", round, i);
		}
	}
	return 0;
}
