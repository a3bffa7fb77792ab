// The file work during which tests/boot/test_crash.py kills the machine.
// Keepers write files. When fsync or sync has returned, they note in
// k<number>/log, 16 bytes a line, what must survive from then on:
//	K i n   file f<i>, of n bytes, is there
//	G i n   it is about to be removed        D i n   it is gone
//	C i n   `current` is generation i or a later one
// The mapper's file `map` is mapped: two threads write to a half each, and note
// in k3/log
//	M t n   all bytes of half t are of generation n or a later one
// The console says it as soon as msync has returned.
// Every sector of every file says where it belongs (fill), so that the test can
// tell a file's bytes from those of an old block. Churners make as much
// disorder in names and sizes as they can, and promise nothing. On a machine
// with a third disk, a hog wants more memory than there is, so that pages go to
// this disk meanwhile.
#include "threads.h"

enum {
	KEEPERS = 3,
	CHURNERS = 2,
	KEPT = 6,           // files of a keeper
	FAR = 4300 * 1024,  // where a sparse file begins: in the second table
	OVER = 64 * 1024,   // the size of the file that is overwritten
	MAPPED = 128 * 1024, // the size of the file that is mapped
	MAPPER = KEEPERS,    // its directory's number
	HOG = 40 << 20,      // more memory than a machine with 32 MB has
	SECTOR = 512,
	PAGE = 4096,
};
static char buf[32 * 1024];

// A random number below n.
static uint
any(uint n)
{
	return (uint)rand() % n;
}

// Sector `index` of file (keeper, i), generation gen.
static void
fill_sector(void *to, int keeper, int i, int gen, uint index)
{
	uint *w = to;

	while (w < (uint *)to + SECTOR / sizeof(*w)) {
		*w++ = 0xC4A50000u + (uint)keeper;
		*w++ = (uint)i;
		*w++ = (uint)gen;
		*w++ = index;
	}
}

// n bytes in buf, from offset off on, a sector's begin.
static void
fill(int keeper, int i, int gen, uint off, uint n)
{
	for (uint at = 0; at < n; at += SECTOR)
		fill_sector(buf + at, keeper, i, gen, (off + at) / SECTOR);
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

// ---- The mapper and the hog -------------------------------------------------

static char *map;
static int map_log;

// Fills a half of the map again and again, page by page, and makes it safe.
static void
map_half(void *arg)
{
	int t = (int)arg;
	uint begin = (uint)t * (MAPPED / 2), end = begin + MAPPED / 2;

	for (int gen = 1;; gen++) {
		for (uint at = begin; at < end; at += SECTOR)
			fill_sector(map + at, MAPPER, t, gen, at / SECTOR);
		CHECK(msync(map + begin, MAPPED / 2, MS_SYNC) == 0);
		printf("<S %d %d>\n", MAPPER, 2 * gen + t);
		note(map_log, MAPPER, 'M', t, (uint)gen);
		if (any(4) == 0)
			sleep((int)any(10));
	}
}

static void
mapper(void)
{
	int fd;

	CHECK(mkdir("k3") == 0 && chdir("k3") == 0);
	map_log = make("log", O_APPEND);
	fd = make("map", 0);
	CHECK(ftruncate(fd, MAPPED) == 0);
	map = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED);
	must_spawn(map_half, (void *)1);
	map_half((void *)0);
}

// Writes to pages, and reads them back, in a random order. It begins when the
// others have what they need: mmap is refused while memory is short.
static void
hog(void)
{
	uint *mem;

	sleep(10);
	mem = mmap(NULL, HOG, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(mem != MAP_FAILED);
	for (;;) {
		uint *w = mem + any(HOG / PAGE) * (PAGE / 4);

		CHECK(w[0] == 0 || w[0] == (uint)w + w[1]);
		w[1] = any(1000);
		w[0] = (uint)w + w[1];
	}
}

// Is there a third disk to take pages?
static bool
swap_on(void)
{
	mknod("swap", DEV_DISK, 2);
	return swapon("swap") == 0;
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

// The part of child i.
static void
take_part(int i)
{
	srand((uint)test_number * 16 + (uint)i + 1);
	if (i < KEEPERS)
		keeper(i);
	else if (i < KEEPERS + CHURNERS)
		churner();
	else if (i == KEEPERS + CHURNERS)
		syncer();
	else if (i == KEEPERS + CHURNERS + 1)
		mapper();
	else
		hog();
}

// Runs until the machine is killed. test_number is the seed of the run.
LONG_TEST(crash_load)
{
	int parts = KEEPERS + CHURNERS + 2 + swap_on();

	for (int i = 0; i < parts; i++)
		if (must_fork() == 0)
			take_part(i);
	wait(); // returns when a CHECK of a child has failed
	CHECK(!"the work goes on until the machine ends");
}
