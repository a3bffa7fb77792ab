// Catches: a file system that believes what it reads: images with random bytes
// in the superblock, journal, inodes, directories, tables and bitmap must give
// errors, never a crash, an assertion or an endless loop. fsck must survive
// them too, and leave an image that the kernel can use and keeps clean.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_harness.h"

#define BLOCKS 600

static uint *seed;
static char bytes[100000];

static uint
rnd(uint n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

// ---- An image with something in it ------------------------------------------

static int
populate(void *arg)
{
	struct inode *ip;
	char name[32];

	(void)arg;
	CHECK(fs_mount() == 0);
	for (uint i = 0; i < 40; i++) {
		sprintf(name, i % 8 ? "/d%u/f%u" : "/d%u", i / 8, i);
		CHECK(path_create(NULL, name, i % 8 ? T_FILE : T_DIR, &ip) ==
		      0);
		if (i % 8)
			CHECK(t_write(ip, 0, bytes, i * 700) == (int)i * 700);
		inode_put(ip);
	}
	CHECK(t_open("/big", &ip) == 0);
	CHECK(t_write(ip, 0, bytes, sizeof(bytes)) == sizeof(bytes));
	CHECK(t_write(ip, 1100 * 4096, bytes, 9000) == 9000);
	CHECK(path_unlink(NULL, "/big") == 0); // an orphan
	CHECK(t_open("/huge", &ip) == 0);
	CHECK(t_write(ip, 0, bytes, 80000) == 80000);
	CHECK(t_write(ip, 1200 * 4096, bytes, 9000) == 9000);
	CHECK(fs_sync() == 0);
	return 0;
}

// ---- Damage -----------------------------------------------------------------

static const struct superblock *
super_of(void)
{
	return (const struct superblock *)(disk_bytes + FS_BLOCK);
}

static uint32_t
odd_number(void)
{
	static const uint32_t some[] = {
		0,     1,     2,   0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 4096,
		65535, 65536, 599, 600,	       1 << 24,	   0x7FFFF000};

	return rnd(2) ? some[rnd(countof(some))] : rnd(700);
}

// Chooses a block that matters, and sets *word to one of its words.
static uint
some_place(uint *word)
{
	struct superblock s = *super_of();

	switch (rnd(10)) {
	case 0: *word = rnd(12); return FS_SUPER;
	case 1: *word = rnd(16); return FS_LOG + rnd(2);
	case 2:
	case 3:
	case 4: *word = 16 + rnd(16 * 46); return s.inode_start;
	case 5: *word = rnd(BLOCKS / 32 + 1); return s.bitmap_start;
	default:
		*word = rnd(4) ? rnd(40) : rnd(1024);
		return s.data_start + rnd(250);
	}
}

// Changes one word of the image.
static void
damage(void)
{
	uint word, block = some_place(&word);
	uint32_t *w;

	if (block >= BLOCKS)
		return;
	w = (uint32_t *)(disk_bytes + (size_t)block * FS_BLOCK) + word;
	switch (rnd(3)) {
	case 0: *w = odd_number(); break;
	case 1: *w ^= 1u << rnd(32); break;
	default: *w = (*w & 0xFFFF0000) | (odd_number() & 0xFFFF);
	}
}

// A transaction in the journal that is valid, except that it copies nonsense.
static void
forge_journal(void)
{
	struct log_header *h =
		(struct log_header *)(disk_bytes + FS_LOG * FS_BLOCK);

	h->magic = FS_LOG_MAGIC;
	h->seq = 77;
	h->count = 1 + rnd(3);
	for (uint i = 0; i < h->count; i++)
		h->home[i] = rnd(4) ? rnd(120) : odd_number();
	h->sum = replay_sum_header(h);
	for (uint i = 0; i < h->count; i++)
		h->sum = replay_sum(h->sum,
				    disk_bytes + (FS_LOG + 1 + i) * FS_BLOCK,
				    FS_BLOCK);
}

// ---- Use of what is left ----------------------------------------------------

static void
wander(const char *path, uint depth)
{
	struct dirent e;
	struct inode *ip;
	char sub[300];

	if (path_find(NULL, path, &ip))
		return;
	if (ip->type == T_DIR && depth < 4)
		for (uint off = 0; off < 60 * 16; off += 16) {
			if (t_read(ip, off, &e, 16) != 16)
				break;
			if (!e.inum || rnd(3) == 0)
				continue;
			snprintf(sub, sizeof(sub), "%s/%.14s", path, e.name);
			wander(sub, depth + 1);
		}
	if (ip->type == T_FILE) {
		t_read(ip, 0, bytes, 30000);
		t_read(ip, 4500000, bytes, 8000);
		t_write(ip, rnd(60) * 1000, bytes, rnd(20000));
		if (rnd(3) == 0 && inode_truncate(ip, rnd(90000)))
			depth = 9;
	}
	inode_put(ip);
	if (rnd(3) == 0 && path_unlink(NULL, path))
		return;
	if (rnd(4) == 0 && path_rename(NULL, path, "/moved"))
		return;
}

static int
use(void *arg)
{
	struct inode *ip;
	char name[20];
	int r = fs_mount();

	(void)arg;
	if (r)
		return 0;
	for (uint i = 0; i < 2; i++) {
		wander("", 0);
		wander("/d1/..", 2);
		wander("/", 1);
		for (uint j = 0; j < 8; j++) {
			sprintf(name, "/d%u/new%u", j % 5, j);
			if (t_open(name, &ip))
				continue;
			t_write(ip, rnd(200000), bytes, rnd(50000));
			inode_put(ip);
		}
		if (path_rename(NULL, "/d1", "/d2/x"))
			sprintf(name, "-");
		if (path_rename(NULL, "/d3", "/d1"))
			sprintf(name, "-");
		fs_reclaim(1000);
		if (fs_sync())
			return 0;
	}
	CHECK(!host_mutexes && !host_spins);
	return 0;
}

// Mends the disk. Returns the number of problems that are left.
static uint
host_mend(uchar *bytes)
{
	uint first;

	return fsck_mend(&host_checked, bytes, hd->blocks, &first);
}

static void
make_damages(void)
{
	for (uint n = 1 + rnd(rnd(2) ? 3 : 30); n > 0; n--)
		damage();
	if (rnd(6) == 0)
		forge_journal();
}

// The kernel works with the image, as it is or mended. fsck looks at it before
// and after: a mended image stays clean.
static void
use_and_check(uint round, bool mend)
{
	uint left = mend ? host_mend(disk_bytes) : host_fsck(disk_bytes);
	int r;

	// Only a wrong superblock cannot be mended.
	if (mend && left && super_valid(super_of()) &&
	    super_of()->blocks <= BLOCKS)
		host_die("round %u: %u problems are left", round, left);
	r = in_machine(900, use, NULL);
	if (r)
		host_die("round %u: %d", round, r);
	if (host_fsck(disk_bytes) && mend && !left)
		host_die("round %u: damaged again", round);
}

int
main(int argc, char **argv)
{
	uint rounds = argc > 1 ? (uint)atoi(argv[1]) : 500;
	static uchar good[BLOCKS * FS_BLOCK], bad[BLOCKS * FS_BLOCK];

	seed = host_shared(sizeof(*seed));
	host_disk_new(BLOCKS, 0);
	host_mkfs(64, 40);
	CHECK(in_machine(900, populate, NULL) == 0);
	CHECK(host_fsck(disk_bytes) == 0);
	memcpy(good, disk_bytes, BLOCKS * FS_BLOCK);
	for (uint i = argc > 2 ? (uint)atoi(argv[2]) : 0; i < rounds; i++) {
		*seed = 1000 + i;
		memcpy(disk_bytes, good, BLOCKS * FS_BLOCK);
		make_damages();
		memcpy(bad, disk_bytes, BLOCKS * FS_BLOCK);
		use_and_check(i, false);
		memcpy(disk_bytes, bad, BLOCKS * FS_BLOCK);
		use_and_check(i, true);
	}
	printf("done: %u damaged images\n", rounds);
	return 0;
}
