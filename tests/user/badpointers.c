// Every system call against every kind of bad pointer (PITFALLS 7, 15, 25, 48):
// a table of calls, and a table of places.
//
// A call that is in neither list of calls fails the test: a new call must be
// put into one.
#include "memlayout.h"
#include "mmu.h"
#include "threads.h"
#include "user/swaptests.h"

// ---- The calls --------------------------------------------------------------

// P marks the argument that is the pointer. FILE is file 3, of a page.
#define P    (-77)
#define FILE 3
#define CONSOLE 4
#define NULL_IS_GOOD (-1) // the caller does not want the result

static char *const no_strings[] = { NULL };

enum use { READS, WRITES }; // what the kernel does there

static const struct row {
	int number;
	enum use use;
	int args[4];
	int other; // another error than EFAULT is as good; NULL_IS_GOOD; or 0
} rows[] = {
	{ SYS_pipe, WRITES, { P }, 0 },
	{ SYS_read, WRITES, { FILE, P, 64 }, 0 },
	{ SYS_write, READS, { FILE, P, 64 }, 0 },
	{ SYS_exec, READS, { P, 0 }, 0 },
	{ SYS_exec, READS, { (int)"/true", P }, 0 },
	{ SYS_execve, READS, { (int)"/true", P, 0 }, 0 },
	{ SYS_execve, READS, { (int)"/none", (int)no_strings, P }, ENOENT },
	{ SYS_fstat, WRITES, { FILE, P }, 0 },
	{ SYS_chdir, READS, { P }, 0 },
	{ SYS_open, READS, { P, O_RDONLY }, 0 },
	{ SYS_open, READS, { P, O_CREATE }, 0 },
	{ SYS_mknod, READS, { P, 99, 1 }, 0 },
	{ SYS_unlink, READS, { P }, 0 },
	{ SYS_link, READS, { P, (int)"new" }, 0 },
	{ SYS_link, READS, { (int)"f", P }, 0 },
	{ SYS_mkdir, READS, { P }, 0 },
	// A child has ended, a thread has ended (call() sees to that).
	{ SYS_waitpid, WRITES, { -1, P, 0 }, NULL_IS_GOOD },
	{ SYS_thread_join, WRITES, { P, P }, NULL_IS_GOOD },
	{ SYS_futex_wait, READS, { P, 0x5eed, 1 }, EINVAL },
	{ SYS_futex_wake, READS, { P, 1 }, EINVAL },
	{ SYS_rename, READS, { P, (int)"new" }, 0 },
	{ SYS_rename, READS, { (int)"f", P }, 0 },
	{ SYS_procinfo, WRITES, { 0, P }, 0 },
	{ SYS_meminfo, WRITES, { P }, 0 },
	{ SYS_swapon, READS, { P }, 0 },
	{ SYS_ptwindow, WRITES, { 1, PDX(PTWINDOW), P }, 0 },
	{ SYS_areaname, WRITES, { 1, 0x1000, P }, 0 },
	{ SYS_vminfo, WRITES, { 0, P, 64 }, 0 },
	{ SYS_guest_run, READS, { FILE, P }, 0 },
	{ SYS_guest_regs, READS, { FILE, P, 1 }, 0 },
	{ SYS_guest_regs, WRITES, { FILE, P, 0 }, EINVAL },
	{ SYS_gettime, WRITES, { P }, 0 },
	{ SYS_winsize, READS, { CONSOLE, P, 1 }, 0 },
	{ SYS_winsize, WRITES, { CONSOLE, P, 0 }, 0 },
};

// These have no pointer, or one that is only compared with areas (mmap and its
// like, guest_create), or one that user mode follows (thread_create; its stack
// is tested in thread_create_errors).
static const int without[] = {
	SYS_fork,	 SYS_exit,	    SYS_wait,	  SYS_kill,
	SYS_dup,	 SYS_getpid,	    SYS_sbrk,	  SYS_sleep,
	SYS_uptime,	 SYS_close,	    SYS_lseek,	  SYS_fsync,
	SYS_sync,	 SYS_reboot,	    SYS_setpgid,  SYS_setfg,
	SYS_consmode,	 SYS_gettid,	    SYS_yield,	  SYS_ftruncate,
	SYS_mmap,	 SYS_munmap,	    SYS_mprotect, SYS_msync,
	SYS_thread_exit, SYS_thread_create, SYS_guest_create, SYS_guest_inject,
	SYS_getppid,	 SYS_fcntl,
};

// ---- The places -------------------------------------------------------------

enum { TEXT_PAGE, READ_ONLY, NO_ACCESS, BEHIND, GUARD, PAST_END, MADE };

// `made`: the place is made by prepare(). `readable`: only a write is wrong.
static const struct place {
	const char *name;
	uint at;
	bool made, readable;
} places[] = {
	{ "null", 0, false, false },
	{ "next to null", 4, false, false },
	{ "the end of page 0", 0xffc, false, false },
	{ "unmapped", 0x40000000, false, false },
	{ "the kernel's text", KERNLINK, false, false },
	{ "the kernel's memory", 0x80400000, false, false },
	{ "a kernel stack", KSTACKS + 4096, false, false },
	{ "the recursive window", PTWINDOW, false, false },
	{ "the window's directory", PTWINDOW + 0x3f7000, false, false },
	{ "a device", 0xfee00000, false, false },
	{ "across the end of all memory", 0xfffffffc, false, false },
	{ "text", TEXT_PAGE, true, true },
	{ "a read-only mapping", READ_ONLY, true, true },
	{ "a mapping without access", NO_ACCESS, true, false },
	{ "behind a mapping", BEHIND, true, false },
	{ "the stack's guard", GUARD, true, false },
	{ "past a file's end", PAST_END, true, false },
};
static uint made[MADE];
static char *edge; // a page, with nothing behind it

static uint
map_pages(uint at, uint pages, int prot, int fd)
{
	int how = MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0);
	char *p = mmap((void *)at, pages * PAGE, prot,
		       how | (at ? MAP_FIXED : 0), fd, 0);

	CHECK(p != MAP_FAILED);
	return (uint)p;
}

static void
prepare(void)
{
	static char page[PAGE];
	int fd;

	close(FILE);
	fd = open("f", O_RDWR | O_CREATE);
	CHECK(fd == FILE && write(FILE, page, PAGE) == PAGE);
	close(CONSOLE);
	CHECK(open("/console", O_RDWR) == CONSOLE);
	made[TEXT_PAGE] = (uint)&main;
	made[READ_ONLY] = map_pages(0, 1, PROT_READ, -1);
	made[NO_ACCESS] = map_pages(0, 1, PROT_NONE, -1);
	edge = (char *)map_pages(0x50000000, 2, PROT_READ | PROT_WRITE, -1);
	memset(edge, 'x', PAGE);
	CHECK(munmap(edge + PAGE, PAGE) == 0);
	made[BEHIND] = (uint)edge + PAGE;
	// A mapping in the stack's reach, and a page above it.
	map_pages(0x7fc00000, 1, PROT_READ, -1);
	made[GUARD] = 0x7fc00000 + 8 * PAGE;
	made[PAST_END] = PAGE + map_pages(0, 2, PROT_READ | PROT_WRITE, FILE);
}

// ---- Each with each ---------------------------------------------------------

// Calls with `pointer` where the row has P. wait and join need somebody who has
// ended: the first P of join is the thread's number.
static int
call(const struct row *r, uint pointer)
{
	int a[4], tid = 0;

	if (r->number == SYS_waitpid && must_fork() == 0)
		exit(0);
	if (r->number == SYS_thread_join)
		tid = must_spawn(exit_at_once, NULL);
	for (int i = 0; i < 4; i++)
		a[i] = r->args[i] == P ? (int)pointer : r->args[i];
	if (tid)
		a[0] = tid;
	CHECK(lseek(FILE, 0, SEEK_SET) == 0);
	errno = 0;
	return raw_syscall(r->number, a[0], a[1], a[2], a[3]);
}

static bool
refused(const struct row *r, uint pointer, const char *place)
{
	int result = call(r, pointer);

	if (!pointer && r->other == NULL_IS_GOOD)
		return result >= 0;
	if (result == -1 && (errno == EFAULT || errno == r->other))
		return true;
	dprintf(2, "call %d, pointer 0x%x (%s): %d, errno %d\n", r->number,
		pointer, place, result, errno);
	return false;
}

// Catches: the kernel follows a pointer that the process may not use, in some
// argument of some call.
TEST(pointers_every_call)
{
	bool ok = true;

	prepare();
	for (uint i = 0; i < countof(rows); i++)
		for (uint k = 0; k < countof(places); k++) {
			const struct place *p = &places[k];
			uint at = p->made ? made[p->at] : p->at;

			if (!p->readable || rows[i].use == WRITES)
				ok &= refused(&rows[i], at, p->name);
		}
	CHECK(ok);
}

// Catches: the kernel checks only the first byte, of what crosses the end of a
// mapping, of user space or of all memory. Only a write() may be a short one.
TEST(pointers_across)
{
	bool ok = true;

	prepare();
	for (uint i = 0; i < countof(rows); i++) {
		const struct row *r = &rows[i];

		if (r->number == SYS_write)
			CHECK(call(r, (uint)edge + PAGE - 1) <= 1);
		else
			ok &= refused(r, (uint)edge + PAGE - 1, "the edge");
		if (r->use == WRITES)
			ok &= refused(r, KERNBASE - 1, "across KERNBASE");
	}
	CHECK(ok);
}

// Catches: a system call that was added without a row here.
TEST(pointers_all_calls)
{
	bool known[SYS_COUNT] = { true }; // there is no call 0

	for (uint i = 0; i < countof(rows); i++)
		known[rows[i].number] = true;
	for (uint i = 0; i < countof(without); i++)
		known[without[i]] = true;
	for (uint i = 0; i < SYS_COUNT; i++)
		CHECK(known[i]);
}

// ---- Pages that come and go -------------------------------------------------

static volatile bool stop;

static void
map_and_unmap(void *arg)
{
	while (!stop) {
		map_pages((uint)arg, 1, PROT_READ | PROT_WRITE, -1);
		yield();
		munmap(arg, PAGE);
	}
	thread_exit(0);
}

// Catches: a check of a pointer that is no longer true when the kernel uses the
// pointer, as another thread has unmapped the page: the kernel would panic.
TEST(pointers_unmapped_meanwhile)
{
	enum { ROUNDS = 60 };
	uint at = map_pages(0, 1, PROT_READ | PROT_WRITE, -1);
	int tid;

	prepare();
	tid = must_spawn(map_and_unmap, (void *)at);
	for (int n = 0; n < ROUNDS; n++)
		for (uint i = 0; i < countof(rows); i++)
			if (rows[i].number != SYS_exec &&
			    rows[i].number != SYS_execve)
				call(&rows[i], at + 64 * (n % 8));
	stop = true;
	must_join(tid);
}

// Catches: a system call that takes a page in swap for one that is not there.
// (A machine with swap: tests/boot/test_swap.py.)
LONG_TEST(pointers_swapped_out)
{
	char *p = (char *)map_pages(0, 1, PROT_READ | PROT_WRITE, -1);

	prepare();
	strcpy(p, "swapped-out");
	memset(p + 64, 'y', 64);
	push_out();
	CHECK(lseek(FILE, 0, SEEK_SET) == 0 && write(FILE, p + 64, 64) == 64);
	push_out();
	CHECK(lseek(FILE, 0, SEEK_SET) == 0 && read(FILE, p + 128, 64) == 64);
	CHECK(p[128] == 'y' && p[191] == 'y');
	push_out();
	CHECK(mkdir(p) == 0);
	push_out();
	CHECK(meminfo((struct meminfo *)p) == 0);
	push_out();
	CHECK(pipe((int *)p) == 0);
}

// ---- Lengths ----------------------------------------------------------------

// Catches: a length that is negative, or with which the end of the buffer wraps
// around, or lies in the kernel.
TEST(pointers_lengths)
{
	static const int lengths[] = {-1,	  -4096,      -0x7fffffff - 1,
				      0x7fffffff, 0x7fffff00, 0x60000000};

	prepare();
	for (uint i = 0; i < countof(lengths); i++) {
		int n = lengths[i];

		(void)lseek(FILE, 0, SEEK_SET);
		CHECK(raw_syscall(SYS_read, FILE, edge, n) <= PAGE);
		(void)lseek(FILE, 0, SEEK_SET);
		CHECK(raw_syscall(SYS_write, FILE, edge, n) <= PAGE);
		CHECK_ERROR(raw_syscall(SYS_vminfo, 0, edge + PAGE - 4, n),
			    EFAULT);
		CHECK(raw_syscall(SYS_munmap, KERNBASE - PAGE, n) == -1);
		CHECK(raw_syscall(SYS_mprotect, edge, n, PROT_READ) == -1);
		CHECK(raw_syscall(SYS_mmap, 0xfff00000, n, PROT_READ,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
				  0) == -1);
	}
}
