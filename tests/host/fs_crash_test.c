// Catches: a journal that a power cut finds unprepared: every write of a
// workload is the last one in turn, with the writes since the last flush
// arriving wholly, in part or torn; then fsck must call the image clean, no
// file may show another's bytes, and what was synced must be there.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_harness.h"

#define BLOCKS    700
#define MAX_OPS   20000
#define NFILES    12
#define MAX_SYNCS 400
#define MAX_SIZE  (90 * 1024)

// Every 16 bytes of a file say to which file they belong.
struct stamp {
	uint32_t uid, index, version, magic;
};
#define STAMP 0x57A3B1C5

// Files f0..f11 in the root; what they were at each sync that came back.
struct file {
	uint uid; // 0: there is none
	uint size, version;
	bool touched; // since the sync before
};
static struct file (*synced)[NFILES]; // shared; [mark]
static struct file *now_files;        // shared
static uint *seed, *next_uid;

static uint
rnd(uint n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

// ---- The workload -----------------------------------------------------------

static char names_of[NFILES][8];
static char page_bytes[PGSIZE];

static void
fill(uint uid, uint off, uint n, uint version)
{
	struct stamp *s = (struct stamp *)page_bytes;

	for (uint i = 0; i < n / 16; i++)
		s[i] = (struct stamp){ uid, off / 16 + i, version, STAMP };
}

static void
write_file(struct inode *ip, struct file *f, uint off, uint n)
{
	f->touched = true;
	while (n) {
		uint part = min_uint(n, PGSIZE - PGOFFSET(off)), at = off;
		int r;

		fill(f->uid, off, part, f->version);
		r = inode_write(ip, &at, page_bytes, part);
		if (r == -ENOSPC)
			return;
		CHECK(r == (int)part);
		f->size = max_uint(f->size, off + part);
		off += part;
		n -= part;
	}
}

// Puts ip now, or much later, as an open file. By then it may have lost its
// name.
static void
put_sometime(struct inode *ip)
{
	static struct inode *held[6];
	uint i = rnd(countof(held));

	if (held[i])
		inode_put(held[i]);
	held[i] = ip;
	if (rnd(2)) {
		inode_put(ip);
		held[i] = NULL;
	}
}

static void
change(uint i)
{
	struct file *f = &now_files[i];
	struct inode *ip;
	uint what = rnd(10);
	int r;

	f->touched = true;
	if (!f->uid) {
		r = path_create(NULL, names_of[i], T_FILE, &ip);
		if (r == -ENOSPC)
			return;
		CHECK(r == 0);
		*f = (struct file){ ++*next_uid, 0, 1, true };
	} else {
		CHECK(path_find(NULL, names_of[i], &ip) == 0);
	}
	f->version++;
	if (what == 0) {
		f->size = rnd(f->size + 1) & ~15u;
		CHECK(inode_truncate(ip, f->size) == 0);
	} else if (what <= 2) {
		CHECK(path_unlink(NULL, names_of[i]) == 0);
		f->uid = 0;
	} else if (what == 3) {
		write_file(ip, f, rnd(f->size + 1) & ~15u, 16 * rnd(300));
	} else if (f->size < MAX_SIZE) {
		write_file(ip, f, f->size, 16 * rnd(1200));
	}
	put_sometime(ip);
}

static void
any_change(void)
{
	uint i = rnd(NFILES), j = rnd(NFILES);
	char d[8];
	struct file t;

	switch (rnd(8)) {
	case 0: // a directory comes and goes
		sprintf(d, "d%u", rnd(4));
		if (path_create(NULL, d, T_DIR, NULL) == -EEXIST)
			CHECK(path_unlink(NULL, d) == 0);
		return;
	case 1:
		if (!now_files[i].uid || i == j)
			return;
		CHECK(path_rename(NULL, names_of[i], names_of[j]) == 0);
		t = now_files[i];
		now_files[i].uid = 0;
		now_files[j] = t;
		now_files[i].touched = now_files[j].touched = true;
		return;
	default: change(i);
	}
}

// What happens now may be on disk at a cut of this mark.
static void
note_touched(void)
{
	for (uint i = 0; i < NFILES; i++)
		synced[hd->mark][i].touched |= now_files[i].touched;
}

static int
workload(void *arg)
{
	CHECK(fs_mount() == 0);
	for (uint n = 0; n < *(uint *)arg; n++) {
		any_change();
		if (rnd(6) == 0) {
			host_meanwhile = any_change;
			CHECK(log_commit(false) == 0);
			host_meanwhile = NULL;
		}
		if (rnd(12) == 0 && hd->mark + 2 < MAX_SYNCS) {
			note_touched();
			CHECK(fs_sync() == 0);
			for (uint i = 0; i < NFILES; i++)
				now_files[i].touched = false;
			hd->mark++;
			memcpy(synced[hd->mark], now_files, sizeof(synced[0]));
		}
		note_touched();
	}
	CHECK(fs_sync() == 0);
	return 0;
}

// ---- The check --------------------------------------------------------------

// The inode of a name of the root in the image that fsck has in memory; 0:
// none.
static uint
number_of(const char *name)
{
	const struct dinode *root_d = fsck_dinode(&host_checked, FS_ROOT);

	for (uint i = 0; i < root_d->size / 16; i++) {
		const struct dirent *e = fsck_block(
			&host_checked,
			fsck_block_of(&host_checked, root_d, i / FS_DPB));

		e += i % FS_DPB;
		if (e->inum && !strncmp(e->name, name, 14))
			return e->inum;
	}
	return 0;
}

// Says why the file's bytes are not what they may be, or NULL. f is what they
// must be, if they must be something.
static const char *
check_file(uint num, const struct file *f)
{
	const struct dinode *d = fsck_dinode(&host_checked, num);
	uint uid = f ? f->uid : 0;

	if (f && d->size != f->size)
		return "its size";
	for (uint off = 0; off < d->size; off += 16) {
		uint b = fsck_block_of(&host_checked, d, off / FS_BLOCK);
		const struct stamp *s;

		if (!b && f)
			return "a hole";
		if (!b)
			continue;
		s = fsck_block(&host_checked, b);
		s += off % FS_BLOCK / 16;
		if (!uid)
			uid = s->uid;
		if (s->magic != STAMP || s->uid != uid || s->index != off / 16)
			return "bytes of another";
	}
	return NULL;
}

static void
check_image(const uchar *bytes, uint mark, uint cut, const char *how)
{
	if (host_fsck(bytes))
		host_die("cut at %u (%s): fsck", cut, how);
	for (uint i = 0; i < NFILES; i++) {
		const struct file *f = &synced[mark][i];
		uint num = number_of(names_of[i]);
		const char *why = NULL;

		if (f->touched)
			f = NULL;
		if (f && !f->uid != !num)
			why = num ? "that it is there" : "that it is gone";
		else if (num)
			why = check_file(num, f);
		if (why)
			host_die("cut at %u of mark %u (%s): %s: wrong is %s",
				 cut, mark, how, names_of[i], why);
	}
}

// ---- Cutting ----------------------------------------------------------------

static uchar *image_at_flush, *cut_image;

static void
apply(uchar *to, uint op)
{
	if (disk_ops[op].block != DISK_FLUSH)
		memcpy(to + (size_t)disk_ops[op].block * FS_BLOCK,
		       disk_ops[op].data, FS_BLOCK);
}

// Only some sectors of the last write have arrived.
static void
apply_torn(uchar *to, uint op)
{
	const struct disk_op *o = &disk_ops[op];

	if (o->block == DISK_FLUSH)
		return;
	for (uint s = 0; s < FS_BLOCK; s += 512)
		if (rnd(2))
			memcpy(to + (size_t)o->block * FS_BLOCK + s,
			       o->data + s, 512);
}

// The power goes when `cut` operations are done; `flushed` is behind the last
// flush among them.
static uint crashes; // images that were checked

static void
try_cut(uint flushed, uint cut)
{
	uint mark = cut ? disk_ops[cut - 1].mark : 0, keep = rnd(100);
	size_t n = BLOCKS * FS_BLOCK;

	memcpy(cut_image, image_at_flush, n);
	for (uint i = flushed; i < cut; i++)
		apply(cut_image, i);
	check_image(cut_image, mark, cut, "all arrived");
	crashes++;
	if (cut == flushed)
		return;
	crashes += 2;
	memcpy(cut_image, image_at_flush, n);
	for (uint i = flushed; i < cut; i++)
		if (rnd(100) < keep)
			apply(cut_image, i);
	check_image(cut_image, mark, cut, "some arrived");
	memcpy(cut_image, image_at_flush, n);
	for (uint i = flushed; i + 1 < cut; i++)
		apply(cut_image, i);
	apply_torn(cut_image, cut - 1);
	check_image(cut_image, mark, cut, "the last torn");
}

// A machine that starts from the image, works, and leaves a clean one.
static int
after_cut(void *arg)
{
	struct inode *ip;
	char name[8];

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(fs_super->orphan == 0);
	for (uint i = 0; i < 20; i++) {
		sprintf(name, "z%u", i % 4);
		CHECK(t_open(name, &ip) == 0);
		t_write(ip, rnd(50000), names_of, sizeof(names_of));
		inode_put(ip);
		if (i % 5 == 4)
			CHECK(path_unlink(NULL, name) == 0);
	}
	CHECK(fs_sync() == 0);
	return 0;
}

static void
restart_from(const uchar *bytes, uint cut)
{
	uint nops = hd->nops, max = hd->max_ops;
	int r;

	memcpy(disk_bytes, bytes, BLOCKS * FS_BLOCK);
	hd->max_ops = hd->nops = 0;
	r = in_machine(500, after_cut, NULL);
	if (r || host_fsck(disk_bytes))
		host_die("cut at %u: the next start: %d", cut, r);
	hd->nops = nops;
	hd->max_ops = max;
}

static const struct superblock *
super_of_disk(void)
{
	return (const struct superblock *)(disk_bytes + FS_BLOCK);
}

static void
round_of(uint number, uint changes)
{
	uint flushed = 0, mounts = 0;

	host_disk_new(BLOCKS, MAX_OPS);
	host_mkfs(64, 1 + FS_LOG_MIN + number % 4 * 20);
	// Bytes that are shown before they are written would be no file's
	// stamp.
	for (uint i = super_of_disk()->data_start + 1; i < BLOCKS; i++)
		memset(disk_bytes + i * FS_BLOCK, 0xEE, FS_BLOCK);
	memcpy(image_at_flush, disk_bytes, BLOCKS * FS_BLOCK);
	memset(now_files, 0, NFILES * sizeof(*now_files));
	memset(synced, 0, MAX_SYNCS * sizeof(*synced));
	*seed = 7 + number;
	if (in_machine(1200, workload, &changes))
		host_die("the workload");
	CHECK(!hd->full);
	for (uint cut = 1; cut <= hd->nops; cut++) {
		try_cut(flushed, cut);
		if (rnd(40) == 0 && mounts++ < 30)
			restart_from(cut_image, cut);
		if (disk_ops[cut - 1].block != DISK_FLUSH)
			continue;
		while (flushed < cut)
			apply(image_at_flush, flushed++);
	}
}

int
main(int argc, char **argv)
{
	uint rounds = argc > 1 ? (uint)atoi(argv[1]) : 2;

	seed = host_shared(sizeof(*seed));
	next_uid = host_shared(sizeof(*next_uid));
	synced = host_shared(MAX_SYNCS * sizeof(*synced));
	now_files = host_shared(NFILES * sizeof(*now_files));
	image_at_flush = malloc(BLOCKS * FS_BLOCK);
	cut_image = malloc(BLOCKS * FS_BLOCK);
	for (uint i = 0; i < NFILES; i++)
		sprintf(names_of[i], "f%u", i);
	for (uint i = 0; i < rounds; i++)
		round_of(i, 250);
	printf("done: %u crashes\n", crashes);
	return 0;
}
