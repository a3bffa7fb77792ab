// Catches: a truncate that clears bytes before it has happened: a power cut
// at any write then shows zeros in a file that has its old size again. And
// bytes behind the end of a file that a map of it, or a longer file, shows.
// build: cc -std=gnu11 -g -fsanitize=address,undefined -I. -Itests/host -DHOST
#include "fs_harness.h"

#define BLOCKS  700
#define MAX_OPS 100

static char page_bytes[PGSIZE];

enum { TAIL_NOTHING, TAIL_WRITE, TAIL_LENGTHEN, TAIL_MAP, TAIL_MAPPED, NTAILS };

// What a map shows behind the end are zeros, also once the page is writable.
static void
map_tail(struct inode *ip)
{
	struct page *pg;

	CHECK(inode_map_page(ip, 0, &pg) == 0);
	for (uint i = 512; i < PGSIZE; i++)
		CHECK(((char *)page_va(pg))[i] == 0);
	CHECK(inode_page_writable(ip, pg) == 0);
	page_put(pg);
}

// A page of A's is durable. Then it is dirty, the file is cut within it, and in
// each case the bytes behind the new end must be zeros.
static int
cut_tail(void *arg)
{
	uint way = *(uint *)arg, at = 0;
	struct list area = LIST_INIT(area);
	struct inode *ip;
	char c = 0;

	CHECK(fs_mount() == 0);
	memset(page_bytes, 'A', PGSIZE);
	CHECK(t_open("f0", &ip) == 0);
	CHECK(t_write(ip, 0, page_bytes, PGSIZE) == PGSIZE);
	CHECK(inode_fsync(ip) == 0);
	hd->mark = 1;
	CHECK(inode_write(ip, &at, "A", 1) == 1);
	if (way == TAIL_MAPPED)
		list_push(&ip->areas, &area);
	CHECK(inode_truncate(ip, 512) == 0);
	at = 1000;
	if (way == TAIL_WRITE)
		CHECK(inode_write(ip, &at, "A", 1) == 1);
	if (way == TAIL_LENGTHEN)
		CHECK(inode_truncate(ip, 1001) == 0);
	if (way == TAIL_MAP || way == TAIL_MAPPED)
		map_tail(ip);
	if (way == TAIL_WRITE || way == TAIL_LENGTHEN)
		CHECK(t_read(ip, 600, &c, 1) == 1 && c == 0);
	CHECK(fs_sync() == 0);
	return 0;
}

// At any power cut, a file that has the size of a page is a page of A's.
static void
check_cuts(uchar *image, uint way)
{
	const char *text;
	uint size = 0;

	for (uint cut = 0; cut < hd->nops; cut++) {
		const struct disk_op *op = &disk_ops[cut];
		const struct dinode *d;

		if (op->block != DISK_FLUSH)
			memcpy(image + op->block * FS_BLOCK, op->data,
			       FS_BLOCK);
		CHECK(host_fsck(image) == 0);
		d = fsck_dinode(&host_checked, FS_ROOT + 1);
		size = d->size;
		text = fsck_block(&host_checked, d->addrs[0]);
		for (uint i = 0; size == PGSIZE && i < size; i++)
			if (op->mark && text[i] != 'A')
				host_die("cut at %u, way %u: byte %u is lost",
					 cut, way, i);
	}
	CHECK(size == (way == TAIL_WRITE || way == TAIL_LENGTHEN ? 1001 : 512));
}

int
main(void)
{
	uchar *image = malloc(BLOCKS * FS_BLOCK);

	for (uint way = 0; way < NTAILS; way++) {
		host_disk_new(BLOCKS, MAX_OPS);
		host_mkfs(64, 1 + FS_LOG_MIN);
		memcpy(image, disk_bytes, BLOCKS * FS_BLOCK);
		CHECK(in_machine(1200, cut_tail, &way) == 0);
		CHECK(!hd->full);
		check_cuts(image, way);
	}
	free(image);
	return 0;
}
