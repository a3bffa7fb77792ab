// bench: mmap, munmap, mprotect.
#include "bench.h"

enum { PAGES = 64 };

static int fd;
static char *page;

static void
map_and_unmap(int flags, int fd, uint pages, int prot)
{
	char *at = mmap(NULL, pages * PAGE, prot, flags, fd, 0);

	MUST(at != MAP_FAILED);
	if (prot & PROT_WRITE)
		touch(at, pages * PAGE);
	else if (fd >= 0)
		for (uint off = 0; off < pages * PAGE; off += PAGE)
			(void)((volatile char *)at)[off];
	MUST(munmap(at, pages * PAGE) == 0);
}

// An operation is a page, touched.
static void
anonymous_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i += PAGES)
		map_and_unmap(MAP_PRIVATE | MAP_ANONYMOUS, -1, PAGES,
			      PROT_READ | PROT_WRITE);
}

static void
untouched_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++)
		map_and_unmap(MAP_PRIVATE | MAP_ANONYMOUS, -1, 1, PROT_READ);
}

static void
cached_prepare(const struct row *r)
{
	make_file("mapped", PAGES * PAGE);
	fd = open("mapped", O_RDONLY);
	MUST(fd >= 0);
}

static void
cached_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i += PAGES)
		map_and_unmap(MAP_PRIVATE, fd, PAGES, PROT_READ);
}

static void
cached_restore(const struct row *r)
{
	MUST(close(fd) == 0);
	MUST(unlink("mapped") == 0);
}

static void
protect_prepare(const struct row *r)
{
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(page != MAP_FAILED);
	touch(page, PAGE);
}

static void
protect_round(const struct row *r)
{
	for (uint i = 0; i < r->ops; i++) {
		MUST(mprotect(page, PAGE, PROT_READ) == 0);
		MUST(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
		touch(page, PAGE);
	}
}

static void
protect_restore(const struct row *r)
{
	MUST(munmap(page, PAGE) == 0);
}

const struct row map_rows[] = {
	{ "mmap", 4 * PAGES, .round = anonymous_round },
	{ "mmap-one", 200, .round = untouched_round },
	{ "mmap-file", 4 * PAGES, 0, 0, cached_prepare, cached_round,
	 cached_restore},
	{ "mprotect", 200, 0, 0, protect_prepare, protect_round,
	 protect_restore},
	{ .name = NULL },
};
