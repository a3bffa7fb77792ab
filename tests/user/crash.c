// The file work during which tests/boot/test_crash.py kills the machine.
// Keepers write files. When fsync or sync has returned, they note in
// k<number>/log, 16 bytes a line, what must survive from then on:
//	K i n   file f<i>, of n bytes, is there
//	G i n   it is about to be removed        D i n   it is gone
//	C i n   `current` is generation i or a later one
// Every sector of every file says where it belongs (fill), so that the test can
// tell a file's bytes from those of an old block. Churners make as much
// disorder in names and sizes as they can, and promise nothing.
#include "user/usertests.h"

enum {
	KEEPERS = 3,
	CHURNERS = 2,
	KEPT = 6,           // files of a keeper
	FAR = 4300 * 1024,  // where a sparse file begins: in the second table
	OVER = 64 * 1024,   // the size of the file that is overwritten
	SECTOR = 512,
};
static char buf[32 * 1024];

// A random number below n.
static uint
any(uint n)
{
	return (uint)rand() % n;
}

// The sectors of n bytes from off on of file (keeper, i), generation gen.
static void
fill(int keeper, int i, int gen, uint off, uint n)
{
	uint *w = (uint *)buf;

	for (uint at = 0; at < n; at += 16) {
		*w++ = 0xC4A50000u + (uint)keeper;
		*w++ = (uint)i;
		*w++ = (uint)gen;
		*w++ = (off + at) / SECTOR;
	}
}

static int
make(const char *name, int flags)
{
	int fd = open(name, O_RDWR | O_CREATE | flags);

	CHECK(fd >= 0);
	return fd;
}

// Appends bytes [from, to) in pieces of any whole number of sectors.
static void
append(int fd, int keeper, int i, uint from, uint to)
{
	while (from < to) {
		uint n = (1 + any(sizeof(buf) / SECTOR)) * SECTOR;

		if (n > to - from)
			n = to - from;
		fill(keeper, i, 0, from, n);
		CHECK(write(fd, buf, (int)n) == (int)n);
		from += n;
	}
}

// ---- Keepers ----------------------------------------------------------------

static void
note(int log, int keeper, char kind, int i, uint n)
{
	char line[20];

	snprintf(line, sizeof(line), "%c %5d %7u\n", kind, i, n);
	CHECK(write(log, line, 16) == 16);
	CHECK(any(4) ? fsync(log) == 0 : sync() == 0);
	printf("<%c %d %d>\n", kind, keeper, i);
}

static void
keep_file(int log, int keeper, int i)
{
	uint from = i % 8 == 7 ? FAR : 0;
	uint n = from + 1 + any(any(8) ? 30000 : 300000);
	bool aside = any(2);
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "f%d", i);
	fd = make(aside ? "new" : name, O_TRUNC);
	CHECK(lseek(fd, (int)from, SEEK_SET) == (int)from);
	append(fd, keeper, i, from, n);
	CHECK(any(4) ? fsync(fd) == 0 : sync() == 0);
	close(fd);
	if (aside)
		CHECK(rename("new", name) == 0);
	note(log, keeper, 'K', i, n);
}

static void
drop_file(int log, int keeper, int i)
{
	char name[16];

	snprintf(name, sizeof(name), "f%d", i);
	note(log, keeper, 'G', i, 0);
	CHECK(unlink(name) == 0);
	note(log, keeper, 'D', i, 0);
}

// `current` is always either the old file or the new one.
static void
replace_current(int log, int keeper, int i)
{
	int fd = make("next", O_TRUNC);
	uint n = 1 + any(40000);

	append(fd, keeper, i, 0, n);
	CHECK(fsync(fd) == 0);
	close(fd);
	CHECK(rename("next", "current") == 0);
	if (any(2))
		note(log, keeper, 'C', i, n);
}

static void
overwrite(int fd, int keeper, int i)
{
	uint from = any(OVER / SECTOR / 2) * SECTOR, n = (1 + any(40)) * SECTOR;

	fill(keeper, -1, i, from, n);
	CHECK(lseek(fd, (int)from, SEEK_SET) == (int)from);
	CHECK(write(fd, buf, (int)n) == (int)n);
}

static void
keeper(int number)
{
	char name[16];
	int log, over;

	snprintf(name, sizeof(name), "k%d", number);
	CHECK(mkdir(name) == 0 && chdir(name) == 0);
	log = make("log", O_APPEND);
	over = make("over", 0);
	for (uint at = 0; at < OVER; at += sizeof(buf)) {
		fill(number, -1, 0, at, sizeof(buf));
		CHECK(write(over, buf, sizeof(buf)) == sizeof(buf));
	}
	for (int i = 0;; i++) {
		keep_file(log, number, i);
		if (i >= KEPT)
			drop_file(log, number, i - KEPT);
		overwrite(over, number, i);
		replace_current(log, number, i);
	}
}

// ---- Churners ---------------------------------------------------------------

// A random name in the root or in one of a few directories. The directory may
// be absent.
static const char *
any_name(char *name, uint size)
{
	static const char *const where[] = { "", "p/", "q/", "p/r/", "q/r/" };

	snprintf(name, size, "%s%c", where[any(countof(where))],
		 "pqrabcdefgh"[any(11)]);
	return name;
}

static void
churn_grow(const char *name)
{
	int fd = open(name, O_RDWR | O_CREATE | O_APPEND);

	if (fd < 0)
		return;
	for (uint k = any(6); k > 0; k--)
		write(fd, buf, (int)any(sizeof(buf)));
	close(fd);
}

static void
churn_cut(const char *name)
{
	int fd = open(name, O_RDWR);

	if (fd >= 0)
		ftruncate(fd, any(2) ? 0 : any(300000));
	close(fd);
}

// A file without a name: the next mount must free it.
static void
churn_orphan(const char *name)
{
	int fd = open(name, O_RDWR | O_CREATE);

	if (fd < 0)
		return;
	unlink(name);
	for (uint k = any(20); k > 0; k--)
		write(fd, buf, sizeof(buf));
	if (any(2))
		sleep((int)any(20));
	close(fd);
}

// Makes a file of several MB, then cuts it, or removes its name while it is
// open. This takes long enough for the machine to be killed in the middle.
static void
churn_big(void)
{
	int fd = open("big", O_RDWR | O_CREATE);

	if (fd < 0)
		return;
	for (uint k = any(100); k > 0; k--)
		write(fd, buf, sizeof(buf));
	switch (any(4)) {
	case 0: ftruncate(fd, any(4 << 20)); break;
	case 1: ftruncate(fd, 0); break;
	case 2: rename("big", "big2"); break;
	default: unlink("big");
	}
	if (any(2))
		sync();
	close(fd);
}

static void
churner(void)
{
	char a[16], b[16];

	for (;;) {
		any_name(a, sizeof(a));
		any_name(b, sizeof(b));
		switch (any(8)) {
		case 0: mkdir(a); break;
		case 1: unlink(a); break;
		case 2: rename(a, b); break;
		case 3: link(a, b); break;
		case 4: churn_cut(a); break;
		case 5: churn_orphan(a); break;
		default: churn_grow(a);
		}
		if (any(20) == 0)
			sleep(1);
		if (any(60) == 0)
			churn_big();
	}
}

static void
syncer(void)
{
	for (;;) {
		sleep(1 + (int)any(40));
		sync();
	}
}

// Runs until the machine is killed. test_number is the seed of the run.
LONG_TEST(crash_load)
{
	for (int i = 0; i < KEEPERS + CHURNERS + 1; i++) {
		if (must_fork() > 0)
			continue;
		srand((uint)test_number * 16 + (uint)i + 1);
		if (i < KEEPERS)
			keeper(i);
		else if (i < KEEPERS + CHURNERS)
			churner();
		else
			syncer();
	}
	wait(); // returns when a CHECK of a child has failed
	CHECK(!"the work goes on until the machine ends");
}
