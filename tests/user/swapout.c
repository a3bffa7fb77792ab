// The clock, and swap at its limits. The boot tests ask for these on a small
// machine with a swap disk (tests/boot/test_swap.py).
#include "abi/entry.h"
#include "memlayout.h"
#include "user/swaptests.h"

// ---- The clock --------------------------------------------------------------

enum { HOT = 64 };

// Uses HOT pages all the time, until `stop` is closed.
static void
keep_hot(int stop)
{
	volatile uint32_t *p = pages_new(HOT, MAP_PRIVATE);
	uint32_t rounds = 0;
	int fd[2], pid;

	// A child waits for the end, so that we need no call meanwhile.
	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		char c;

		(void)!read(stop, &c, 1);
		passed();
	}
	while (waitpid(pid, NULL, WNOHANG) == 0)
		for (int k = 0; k < 2000; k++, rounds++)
			for (uint i = 0; i < HOT; i++)
				p[i * WORDS] = rounds;
	for (uint i = 0; i < HOT; i++)
		CHECK(p[i * WORDS] == rounds - 1);
	passed();
}

// Catches: a clock that takes pages which are in use all the time, because A
// was cleared and the other CPU was not told to forget. That CPU then uses the
// page without setting A, the hand hides it, and a fault brings it back.
LONG_TEST(swap_hot)
{
	uint unhide = 3; // "unhide" in VM_FAULT_NAMES
	int stop[2], pid;
	struct vminfo before, after;

	CHECK(pipe(stop) == 0);
	pid = must_fork();
	if (pid == 0) {
		close(stop[1]);
		keep_hot(stop[0]);
	}
	close(stop[0]);
	push_out();
	before = counts();
	for (int i = 0; i < 8; i++)
		push_out();
	after = counts();
	close(stop[1]);
	expect_passed(pid);
	printf("spared %u, unhidden %u\n", after.spared - before.spared,
	       after.faults[unhide] - before.faults[unhide]);
	CHECK(after.spared - before.spared >= 4 * HOT);
	CHECK(after.faults[unhide] - before.faults[unhide] < HOT / 2);
}

// ---- Swap is full -----------------------------------------------------------

static void
fill_everything(void)
{
	struct vminfo v = counts();
	uint n = pages_of_memory() / 8 * 7 + v.swap_total - 100;

	stamp(pages_new(n, MAP_PRIVATE), n, 2);
	passed();
}

// Holds an eighth of the memory until `hold` ends.
static void
hold_an_eighth(int hold)
{
	uint n = pages_of_memory() / 8;
	uint32_t *p = pages_new(n, MAP_PRIVATE);
	char c;

	stamp(p, n, 11);
	(void)!read(hold, &c, 1);
	CHECK(stamped(p, n, 11));
	passed();
}

// Catches: a machine that hangs when memory and swap are full, or that kills
// another process than the largest.
LONG_TEST(swap_full)
{
	int hold[2], small[2];

	CHECK(pipe(hold) == 0);
	for (int i = 0; i < 2; i++) {
		small[i] = must_fork();
		if (small[i] == 0) {
			close(hold[1]);
			hold_an_eighth(hold[0]);
		}
	}
	for (int i = 0; i < 3; i++)
		CHECK(run_child(fill_everything) == WAIT_KILLED(SIGKILL));
	close(hold[1]);
	for (int i = 0; i < 2; i++)
		expect_passed(small[i]);
	CHECK(!slots_leaked());
}

// ---- The disk fails ---------------------------------------------------------

static bool
stamped_page(const uint32_t *p, uint i, uint32_t seed)
{
	return p[i * WORDS] == (seed ^ (i * 0x9E3779B1u));
}

// The entry of address va, by the recursive window.
static uint32_t
entry_of(const void *va)
{
	return ((const uint32_t *)PTWINDOW)[(uint)va / PAGE];
}

// Catches: a disk error that kills a process which does not need the page, or
// that gives a program other bytes. The test's disk cannot read the slot whose
// number is given.
LONG_TEST(swap_read_error)
{
	uint32_t *p = pages_new(SOME, MAP_PRIVATE);
	uint bad = SOME;
	int pid;

	stamp(p, SOME, 12);
	push_out();
	for (uint i = 0; i < SOME; i++)
		if (entry_of(p + i * WORDS) ==
		    ((uint)test_number * PAGE | PTE_SWAPPED))
			bad = i;
	CHECK(bad < SOME);
	pid = must_fork();
	if (pid == 0)
		CHECK(p[bad * WORDS] == 0);
	expect_status(pid, WAIT_KILLED(SIGBUS));
	CHECK(vminfo(0, p + bad * WORDS, 4) == -1);
	for (uint i = 0; i < SOME; i++)
		if (i != bad)
			CHECK(stamped_page(p, i, 12));
	CHECK(munmap(p, SOME * PAGE) == 0);
	CHECK(!slots_leaked());
}

// ---- A file -----------------------------------------------------------------

static void
make_swap_file(const char *name, uint n)
{
	static char page[PAGE];
	int fd = open(name, O_CREATE | O_RDWR);

	CHECK(fd >= 0);
	for (uint i = 0; i < n; i++)
		CHECK(write(fd, page, PAGE) == PAGE);
	CHECK(close(fd) == 0);
}

static void
refuse_bad_places(void)
{
	int fd;

	CHECK_ERROR(swapon("nothing"), ENOENT);
	CHECK_ERROR(swapon("/"), EINVAL);
	CHECK_ERROR(swapon("/console"), EINVAL);
	make_swap_file("small", 4);
	CHECK_ERROR(swapon("small"), EINVAL);
	fd = open("hole", O_CREATE | O_RDWR);
	CHECK_ERROR(swapon("hole"), ETXTBSY);
	CHECK(ftruncate(fd, 1000 * PAGE) == 0 && close(fd) == 0);
	CHECK_ERROR(swapon("hole"), EINVAL);
	CHECK(mknod("disk0", DEV_DISK, 0) == 0);
	CHECK(mknod("disk1", DEV_DISK, 1) == 0);
	CHECK(mknod("disk9", DEV_DISK, 9) == 0);
	CHECK_ERROR(swapon("disk0"), EBUSY);
	CHECK_ERROR(swapon("disk1"), EBUSY);
	CHECK_ERROR(swapon("disk9"), ENXIO);
}

// Catches: swapon of something that is no place for pages; a file of swap that
// somebody can write to or make shorter; a second swapon.
LONG_TEST(swap_file)
{
	uint32_t *p;

	refuse_bad_places();
	make_swap_file("/pages", 1000);
	CHECK(swapon("/pages") == 0);
	CHECK_ERROR(swapon("/pages"), EBUSY);
	CHECK_ERROR(open("/pages", O_RDWR), ETXTBSY);
	CHECK_ERROR(open("/pages", O_RDONLY | O_TRUNC), ETXTBSY);
	CHECK(unlink("/pages") == 0);
	p = pages_new(SOME, MAP_PRIVATE);
	stamp(p, SOME, 13);
	for (int i = 0; i < 3; i++) {
		(void)run_child(squeeze);
		CHECK(stamped(p, SOME, 13));
	}
	CHECK(counts().swap_out > 0);
}

// ---- Many at once -----------------------------------------------------------

// What page i holds in its n-th version.
static uint32_t
contents(uint i, ushort n)
{
	return n ? i * 0x9E3779B1u + n : 0;
}

// Writes to and checks its pages at random, for some seconds.
static void
thrash(uint32_t seed, int end)
{
	uint n = pages_of_memory() / 3;
	uint32_t *p = pages_new(n, MAP_PRIVATE);
	ushort *version = calloc(n, sizeof(*version));

	CHECK(version);
	for (uint k = 0; uptime() < end; k++) {
		uint i = random32(&seed) % n;
		volatile uint32_t *page = p + i * WORDS;
		uint32_t was = contents(i, version[i]);

		CHECK(page[0] == was && page[i % WORDS] == was &&
		      page[WORDS - 1] == was);
		if (k & 1)
			continue;
		version[i]++;
		page[0] = page[i % WORDS] = page[WORDS - 1] =
			contents(i, version[i]);
		if (k % 4096 == 0 && fork() == 0) {
			page[0] = 1; // the copy is the child's
			exit(0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	passed();
}

// Catches: a page that is lost while all CPUs send pages to swap and bring them
// back. test_number says for how many seconds.
LONG_TEST(swap_thrash)
{
	enum { PROCESSES = 6 };
	int pid[PROCESSES], end = uptime() + test_number * HZ;

	for (int i = 0; i < PROCESSES; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0)
			thrash(i + 1, end);
	}
	for (int i = 0; i < PROCESSES; i++)
		expect_passed(pid[i]);
	CHECK(!slots_leaked());
}
