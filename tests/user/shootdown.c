// Translations that other CPUs hold: a thread on one CPU uses a page all the
// time, while another thread unmaps, protects and replaces it. With one CPU
// these tests say nothing. Each of them ends after 100,000 rounds, or after
// some seconds: a flush takes as long as the host needs to run the other CPU.
#include "threads.h"

enum { PAGE = 4096, ROUNDS = 100000, TICKS = 2 * HZ };

static volatile int *page;	   // the page that is changed
static volatile int epoch, ending; // what the changing thread says
static volatile int stale, seen;   // what the other threads have found

// Is there a round number i? Rounds begin with 1.
static bool
round_left(int i)
{
	static int start;

	if (i == 1)
		start = uptime();
	return i <= ROUNDS && uptime() - start < TICKS;
}

static volatile int *
map_page(void *at)
{
	void *p =
		mmap(at, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void
look_always(void *arg)
{
	int now, value;

	while (!ending) {
		now = epoch;
		value = *page;
		// Frames hold zero when they come, and then what this epoch or
		// a later one has written.
		if (value != 0 && value < now)
			stale++;
		seen++;
	}
	thread_exit(0);
}

static void
wait_until_seen(void)
{
	int before = seen;

	while (seen == before)
		yield();
}

// Catches: a CPU that reads the old frame after mmap has replaced the page.
TEST(shootdown_replaced_page)
{
	int tid[2];

	page = map_page(NULL);
	for (int i = 0; i < 2; i++)
		tid[i] = must_spawn(look_always, NULL);
	wait_until_seen();
	for (int i = 1; round_left(i); i++) {
		map_page((void *)page);
		epoch = i;
		*page = i;
	}
	ending = 1;
	for (int i = 0; i < 2; i++)
		must_join(tid[i]);
	CHECK(stale == 0);
}

// Writes through the kernel, which uses the same translations: a page that is
// not there, or read-only, is an error and not the end of the process.
static void
store_always(void *arg)
{
	int fd = open("words", O_RDONLY);

	CHECK(fd >= 0);
	while (!ending) {
		CHECK(lseek(fd, seen % 2 * 4, SEEK_SET) >= 0);
		read(fd, (void *)page, 4); // "aaaa" or "bbbb"
		seen++;
	}
	thread_exit(0);
}

static int
start_storing(void)
{
	int tid;

	make_file("words", "aaaabbbb");
	page = map_page(NULL);
	tid = must_spawn(store_always, NULL);
	wait_until_seen();
	return tid;
}

static void
spin(int n)
{
	while (n-- > 0)
		asm volatile("pause");
}

// Catches: a CPU that writes through a writable translation after mprotect has
// made the page read-only.
TEST(shootdown_protected_page)
{
	int tid = start_storing(), value;

	for (int i = 1; round_left(i); i++) {
		CHECK(mprotect((void *)page, PAGE, PROT_READ) == 0);
		value = *page;
		spin(i % 64 * 8);
		stale += *page != value;
		CHECK(mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE) ==
		      0);
		spin(i % 16 * 8);
	}
	ending = 1;
	must_join(tid);
	CHECK(stale == 0);
}

// Catches: a frame that is given out again while a CPU can still write to it by
// the address that was unmapped. The new pages stand for the canary: nobody
// writes to them.
TEST(shootdown_unmapped_page)
{
	enum { CANARIES = 8 };
	volatile int *canary = mmap(NULL, CANARIES * PAGE, PROT_READ,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int tid = start_storing();

	for (int i = 1; round_left(i); i++) {
		CHECK(munmap((void *)page, PAGE) == 0);
		for (int n = 0; n < CANARIES; n++)
			stale += canary[n * PAGE / 4] != 0;
		spin(i % 64 * 8);
		for (int n = 0; n < CANARIES; n++)
			stale += canary[n * PAGE / 4] != 0;
		CHECK(mmap((void *)canary, CANARIES * PAGE, PROT_READ,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			   0) == canary);
		map_page((void *)page);
		*page = 1;
		spin(i % 16 * 8);
	}
	ending = 1;
	must_join(tid);
	CHECK(stale == 0);
}

// Catches: a fork that leaves another thread's CPU the right to write to pages
// that are the child's now too: the child would see its memory change.
TEST(shootdown_fork)
{
	int tid = start_storing(), status;

	for (int i = 1; i < 200 && round_left(i); i++) {
		int pid = must_fork();

		if (pid == 0) {
			int value = *page;

			for (int n = 0; n < 50; n++) {
				spin(20);
				CHECK(*page == value);
			}
			passed();
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(status == WAIT_EXITED(TEST_PASSED));
	}
	ending = 1;
	must_join(tid);
}

// ---- Faults at the same time ------------------------------------------------

static volatile char *fresh;
static volatile int turn;

static void
touch_each(void *arg)
{
	for (int i = 1; !ending; i++) {
		while (turn < i && !ending)
			spin(1);
		fresh[(int)arg] = i;
		__atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
	}
	thread_exit(0);
}

// Catches: two threads that fault on one page, of which the second puts its own
// frame in the place of the first one's: a byte that was written is lost.
TEST(fault_of_two_threads)
{
	int tid[2];

	fresh = (char *)map_page(NULL);
	for (int i = 0; i < 2; i++)
		tid[i] = must_spawn(touch_each, (void *)i);
	for (int i = 1; round_left(i); i++) {
		map_page((void *)fresh);
		seen = 0;
		turn = i;
		fresh[2] = i;
		while (seen < 2)
			yield();
		for (int n = 0; n < 3; n++)
			CHECK(fresh[n] == (char)i);
	}
	ending = 1;
	for (int i = 0; i < 2; i++)
		must_join(tid[i]);
}
