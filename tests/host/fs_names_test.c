// Catches: a directory's index that forgets a name, invents one, gives a used
// slot away, or is not used: names beside a model, in a directory with and
// without an index; and the number of locks that one lookup takes.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_harness.h"

#define NAMES 3000

static bool there[NAMES]; // the model
static uint seed = 7;

static uint
rnd(uint n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static const char *
path_of(uint i)
{
	static char path[40];

	sprintf(path, i % 2 ? "/d/name%u" : "/d/%u.long", i);
	return path;
}

static struct inode *
the_dir(void)
{
	struct inode *dp;

	CHECK(path_find(NULL, "/d", &dp) == 0);
	inode_put(dp); // its pages keep it in memory
	return dp;
}

static void
make_name(uint i)
{
	CHECK(path_create(NULL, path_of(i), T_FILE, NULL) ==
	      (there[i] ? -EEXIST : 0));
	there[i] = true;
}

static void
remove_name_of(uint i)
{
	CHECK(path_unlink(NULL, path_of(i)) == (there[i] ? 0 : -ENOENT));
	there[i] = false;
}

static void
move_name(uint i, uint j)
{
	char old[40];

	strcpy(old, path_of(i));
	if (i == j || !there[i])
		return;
	CHECK(path_rename(NULL, old, path_of(j)) == 0);
	there[i] = false;
	there[j] = true;
}

static void
look_for(uint i)
{
	struct inode *ip;
	int err = path_find(NULL, path_of(i), &ip);

	CHECK(err == (there[i] ? 0 : -ENOENT));
	if (!err)
		inode_put(ip);
}

static void
look_for_all(void)
{
	for (uint i = 0; i < NAMES; i++)
		look_for(i);
}

// The slots of the directory are as few as its names need: a slot that is free
// is used again.
static void
random_changes(uint n)
{
	uint most = 0, names = 2, size;

	for (uint i = 0; i < NAMES; i++)
		names += there[i];
	most = max_uint(names * 16, the_dir()->size);
	while (n--) {
		uint i = rnd(NAMES), j = rnd(NAMES), what = rnd(8);

		names -= there[i] + (i != j) * there[j];
		if (what < 3)
			make_name(i);
		else if (what < 6)
			remove_name_of(i);
		else if (what < 7)
			move_name(i, j);
		else
			look_for(i);
		names += there[i] + (i != j) * there[j];
		most = max_uint(most, (names + 1) * 16);
		size = the_dir()->size;
		if (size > most)
			host_die("%u names need %u bytes", names, size);
		if (rnd(400) == 0)
			itable_shrink(); // there is no index any more
		if (rnd(200) == 0)
			CHECK(fs_sync() == 0);
	}
}

// The number of locks that a lookup takes, on the average over all names.
static uint
locks_of_lookup(uint names)
{
	uint before, num;
	struct inode *dp = the_dir();

	before = host_acquires;
	for (uint i = 0; i < names; i++) {
		struct name name = { .zero = 0 };

		strcpy(name.s, path_of(i * (NAMES / names)) + 3);
		inode_lock(dp);
		CHECK(dir_find(dp, &name, &num, NULL) == 0);
		inode_unlock(dp);
	}
	return (host_acquires - before) / names;
}

static int
names_life(void *arg)
{
	uint few, many;

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(path_create(NULL, "/d", T_DIR, NULL) == 0);
	for (uint i = 0; i < NAMES; i += 100)
		make_name(i);
	few = locks_of_lookup(30);
	for (uint i = 0; i < NAMES; i++)
		make_name(i);
	many = locks_of_lookup(1500);
	if (many > few + 1)
		host_die("%u locks among 30 names, %u among %u", few, many,
			 NAMES);
	CHECK(dirindex_pages() > 0);
	look_for_all();
	random_changes(20000);
	look_for_all();
	for (uint i = 0; i < NAMES; i++)
		if (there[i])
			remove_name_of(i);
	CHECK(path_unlink(NULL, "/d") == 0);
	CHECK(fs_sync() == 0);
	fs_reclaim(100000);
	CHECK(dirindex_pages() == 0);
	return 0;
}

// With little memory there is no index, and no operation fails.
static int
no_memory_life(void *arg)
{
	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(path_create(NULL, "/d", T_DIR, NULL) == 0);
	for (uint i = 0; i < NAMES; i++)
		make_name(i);
	CHECK(dirindex_pages() <= 300 / 64);
	random_changes(2000);
	look_for_all();
	CHECK(fs_sync() == 0);
	return 0;
}

// Somebody else writes to a directory's block, as a file of a damaged disk that
// has the same block may do: these entries change behind the index's back.
static void
overwrite_entries(struct dirent *e)
{
	e += 2; // behind . and ..
	memcpy(e[5].name, "other", 6);
	e[6].inum = 0;
	e[7].inum = 0;
	memcpy(e[8].name, "more", 5);
	for (uint i = 5; i < 9; i++)
		there[i] = false;
	remove_name_of(9);
	e[9].inum = e[10].inum; // the index believes that the slot is free
}

// Then no name leads to a wrong file, no entry in use is given away, and
// nothing panics.
static int
overwritten_life(void *arg)
{
	struct dir_slot s = { .off = 0 };
	struct inode *dp;
	struct page *pg;

	(void)arg;
	CHECK(fs_mount() == 0);
	CHECK(path_create(NULL, "/d", T_DIR, NULL) == 0);
	for (uint i = 0; i < 100; i++)
		make_name(i);
	look_for(1);
	dp = the_dir();
	CHECK(dp->dir_index);
	inode_lock(dp);
	CHECK(inode_page(dp, 0, &pg) == 0);
	inode_unlock(dp);
	overwrite_entries(page_va(pg));
	inode_lock(dp);
	CHECK(dir_room(dp, &s) == 0 && s.off != (2 + 9) * 16);
	dir_release(dp, &s);
	inode_unlock(dp);
	for (uint i = 0; i < 100; i++)
		if (i != 9)
			look_for(i);
	make_name(200);
	make_name(201);
	look_for(201);
	page_put(pg);
	return 0;
}

int
main(void)
{
	static int (*const lives[])(void *) = { names_life, no_memory_life,
					       overwritten_life};
	static const uint memory[] = { 4000, 300, 4000 };

	for (uint i = 0; i < countof(lives); i++) {
		int r;

		host_disk_new(24000, 0);
		host_mkfs(8192, 1 + FS_LOG_MIN + 100);
		r = in_machine(memory[i], lives[i], NULL);
		if (r)
			host_die("life %u: %d", i, r);
		if (i < 2 && host_fsck(disk_bytes))
			host_die("life %u: fsck", i);
	}
	return 0;
}
