// Many areas, many tables, and more memory than there is.
#include "user/usertests.h"

enum { PAGE = 4096, MOST = 4096, TABLE = 4 << 20 };

// Maps page 0 of fd again and again, with rights in turn so that no two areas
// join, until there are n of them or mmap fails. Touches each if `touch` is
// set. Returns how many there are.
static int
map_many(int fd, int n, bool touch)
{
	for (int i = 0; i < n; i++) {
		int prot = i % 2 ? PROT_READ : PROT_READ | PROT_WRITE;
		int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_PRIVATE;
		volatile char *m = mmap(NULL, PAGE, prot, flags, fd, 0);

		if (m == MAP_FAILED)
			return i;
		if (touch)
			(void)m[0];
	}
	return n;
}

// Catches: areas without a limit, which make the kernel walk long lists; and a
// limit that does not go away with the areas.
TEST(areas_limit)
{
	char *low;
	int n;

	for (int round = 0; round < 2; round++) {
		low = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
		CHECK(low != MAP_FAILED);
		n = map_many(-1, 2 * MOST, false);
		CHECK(errno == ENOMEM);
		CHECK(n > MOST - 100 && n < MOST);
		CHECK(munmap(low, (n + 1) * PAGE) == 0);
	}
}

// Catches: a truncate whose time grows with the square of the areas, with
// interrupts off.
TEST(areas_truncate)
{
	enum { CHILDREN = 6, EACH = 3000 };
	int fd = open("f", O_CREATE | O_RDWR), ready[2], hold[2], start;
	char c = 0;

	CHECK(write(fd, &c, 1) == 1 && pipe(ready) == 0 && pipe(hold) == 0);
	for (int i = 0; i < CHILDREN; i++) {
		if (must_fork() > 0)
			continue;
		close(hold[1]);
		CHECK(map_many(fd, EACH, true) == EACH);
		CHECK(write(ready[1], &c, 1) == 1);
		(void)!read(hold[0], &c, 1);
		passed();
	}
	for (int i = 0; i < CHILDREN; i++)
		CHECK(read(ready[0], &c, 1) == 1);
	start = uptime();
	CHECK(ftruncate(fd, 0) == 0);
	CHECK(uptime() - start < 2 * HZ); // 1 tick; the square took 5 seconds
	close(hold[1]);
	for (int i = 0; i < CHILDREN; i++)
		CHECK(wait() > 0);
}

// Catches: page tables that stay when nothing is mapped there any more.
TEST(tables_come_back)
{
	enum { TABLES = 200 };
	char *at = (char *)0x20000000;
	int before = frames_available();

	for (int i = 0; i < TABLES; i++, at += TABLE) {
		char *m = mmap(at, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		CHECK(m == at);
		*m = 1;
		CHECK(munmap(m, PAGE) == 0);
	}
	CHECK(frames_available() > before - 50);
}

// Catches: a promise of more memory than the machine has, at once or in pieces.
TEST(promise_beyond_memory)
{
	enum { ANON = MAP_PRIVATE | MAP_ANONYMOUS };
	struct meminfo m;
	uint all;

	CHECK(meminfo(&m) == 0);
	all = m.total > 0x20000 ? 0x20000000 : m.total * PAGE;
	if (m.total <= 0x20000) {
		CHECK_ERROR((int)sbrk(all), ENOMEM);
		CHECK(mmap(NULL, all, PROT_READ, ANON, -1, 0) == MAP_FAILED);
		CHECK(!malloc(all));
	}
	for (int i = 0; i < 3; i++)
		if (mmap(NULL, all / 2, PROT_READ, ANON, -1, 0) == MAP_FAILED)
			break;
		else
			CHECK(i < 2 || m.total > 0x20000);
}
