// Catches: a full disk that loses blocks or inodes or cannot be emptied, and
// wrong bytes at the borders between direct and indirect blocks, or at the last
// byte of the largest file.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_harness.h"

#define BLOCKS 1500

static char bytes[200000];

// ---- A full disk ------------------------------------------------------------

// Writes one file until no block is left, and tries to make directories.
static void
fill_blocks(void)
{
	struct inode *ip;
	char name[16];
	int r;

	CHECK(t_open("/big", &ip) == 0);
	do
		r = t_write(ip, INODE_END, bytes, sizeof(bytes));
	while (r == sizeof(bytes));
	CHECK(r > 0 || r == -ENOSPC);
	CHECK(nfree_blocks + nresting == 0);
	for (uint i = 0; i < 3; i++) {
		sprintf(name, "/dir%u", i);
		r = path_create(NULL, name, T_DIR, NULL);
	}
	CHECK(r == -ENOSPC);
	inode_put(ip);
}

// Removes what fill_blocks has made. Its blocks are free, but not yet home: the
// next writer must wait until they are.
static void
empty_blocks(void)
{
	struct inode *ip;

	while (path_unlink(NULL, "/dir0") == 0 ||
	       path_unlink(NULL, "/dir1") == 0)
		;
	CHECK(path_unlink(NULL, "/big") == 0);
	CHECK(t_open("/other", &ip) == 0);
	CHECK(t_write(ip, 0, bytes, sizeof(bytes)) == sizeof(bytes));
	inode_put(ip);
	CHECK(path_unlink(NULL, "/other") == 0);
}

// Makes files until no inode is left, then removes them all.
static void
fill_inodes(void)
{
	uint files = 0;
	char name[16];
	int r;

	for (;; files++) {
		sprintf(name, "/i%u", files);
		r = path_create(NULL, name, T_FILE, NULL);
		if (r)
			break;
	}
	CHECK(r == -ENOSPC && files == 128 - 2);
	while (files--) {
		sprintf(name, "/i%u", files);
		CHECK(path_unlink(NULL, name) == 0);
	}
}

static int
fill_up(void *arg)
{
	uint before;

	(void)arg;
	CHECK(fs_mount() == 0);
	before = nfree_blocks;
	for (int round = 0; round < 3; round++) {
		fill_blocks();
		empty_blocks();
	}
	fill_inodes();
	CHECK(fs_sync() == 0);
	CHECK(nfree_blocks == before && nresting == 0);
	return 0;
}

// ---- Large offsets and ends -------------------------------------------------

// Offsets at which one byte is written: the borders between direct, indirect
// and double-indirect blocks, and the last byte of the largest file.
static const uint far[] = {
	0,	     11 * 4096 - 1, 11 * 4096, 1034 * 4096, 1035 * 4096 - 1,
	1035 * 4096, 2059 * 4096,   1u << 30,  0x7FFFE000,  FS_MAXSIZE - 1};

// Writes the bytes, and tries to go beyond the end of the largest file.
static void
write_far(struct inode *ip)
{
	uint off;
	char c;

	for (uint i = 0; i < countof(far); i++) {
		off = far[i];
		c = (char)(i + 1);
		CHECK(inode_write(ip, &off, &c, 1) == 1);
	}
	CHECK(ip->size == FS_MAXSIZE);
	off = FS_MAXSIZE;
	CHECK(inode_write(ip, &off, &c, 1) == -EFBIG);
	off = INODE_END;
	CHECK(inode_write(ip, &off, &c, 1) == -EFBIG);
	CHECK(inode_truncate(ip, FS_MAXSIZE + 1) == -EFBIG);
}

// The bytes are there, and zeros between them.
static void
read_far(struct inode *ip)
{
	char c;

	for (uint i = 0; i < countof(far); i++) {
		CHECK(t_read(ip, far[i], &c, 1) == 1 && c == (char)(i + 1));
		if (far[i] && i != 2 && i != 5)
			CHECK(t_read(ip, far[i] - 1, &c, 1) == 1 && c == 0);
	}
	CHECK(t_read(ip, 500000000, bytes, 10000) == 10000);
	for (uint i = 0; i < 10000; i++)
		CHECK(bytes[i] == 0);
}

// Cuts the file from its end, one byte after the other. What is below stays.
static void
cut_far(struct inode *ip)
{
	char c;

	for (uint i = countof(far); i-- > 1;) {
		CHECK(inode_truncate(ip, far[i] + 1) == 0);
		CHECK(t_read(ip, far[i], &c, 1) == 1 && c == (char)(i + 1));
		CHECK(inode_truncate(ip, far[i]) == 0);
		CHECK(t_read(ip, far[i], &c, 1) == 0);
	}
	CHECK(inode_truncate(ip, 0) == 0);
}

static int
far_out(void *arg)
{
	struct inode *ip;
	uint before;

	(void)arg;
	CHECK(fs_mount() == 0);
	before = nfree_blocks;
	CHECK(t_open("/f", &ip) == 0);
	write_far(ip);
	CHECK(fs_sync() == 0);
	CHECK(fs_reclaim(10000) > 0);
	read_far(ip);
	cut_far(ip);
	CHECK(fs_sync() == 0);
	CHECK(nfree_blocks == before && ip->pages.npages == 0);
	inode_put(ip);
	return 0;
}

// Bytes that a mapping's writer left behind the file's end must not appear when
// the file grows.
static int
behind_the_end(void *arg)
{
	struct inode *ip;
	struct page *pg;

	(void)arg;
	CHECK(fs_mount() == 0);
	memset(bytes, 'x', sizeof(bytes));
	for (int way = 0; way < 2; way++) {
		CHECK(t_open(way ? "/f" : "/g", &ip) == 0);
		CHECK(t_write(ip, 0, bytes, 5000) == 5000);
		CHECK(inode_map_page(ip, 1, &pg) == 0);
		CHECK(inode_page_writable(ip, pg) == 0);
		memset((char *)page_va(pg) + 1000, 'y', 3000);
		page_put(pg);
		if (way)
			CHECK(inode_truncate(ip, 7000) == 0);
		else
			CHECK(t_write(ip, 6999, "z", 1) == 1);
		CHECK(t_read(ip, 5000, bytes + 5000, 1999) == 1999);
		for (uint i = 0; i < 1999; i++)
			CHECK(bytes[5000 + i] == 0);
		CHECK(inode_map_page(ip, 2, &pg) == -ENXIO);
		CHECK(inode_map_page(ip, 0xFFFFF, &pg) == -ENXIO);
		inode_put(ip);
	}
	return 0;
}

int
main(void)
{
	static const struct {
		const char *name;
		int (*run)(void *arg);
	} tests[] = {
		{ "full", fill_up },
		{ "large offsets", far_out },
		{ "behind the end", behind_the_end },
	};

	host_disk_new(BLOCKS, 0);
	for (uint i = 0; i < countof(tests); i++) {
		int status;

		host_mkfs(128, 64);
		status = in_machine(900, tests[i].run, NULL);
		if (status || host_fsck(disk_bytes))
			host_die("%s: %d", tests[i].name, status);
	}
	return 0;
}
