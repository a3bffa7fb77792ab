// The address space: copy-on-write, the stack, protection, the heap's end.
#include "user/usertests.h"

enum { PAGES = 16, PAGE = 4096 };
static char area[PAGES * PAGE];
static volatile int sink;

// Catches: a parent sees its child's write, or the child its parent's.
TEST(cow_both_ways)
{
	int go[2], pid;
	char c;

	CHECK(pipe(go) == 0);
	memset(area, 'p', sizeof(area));
	pid = must_fork();
	if (pid == 0) {
		close(go[1]);
		memset(area, 'c', sizeof(area) / 2);
		read(go[0], &c, 1); // the parent has written by now
		CHECK(area[0] == 'c' && area[sizeof(area) / 2 - 1] == 'c');
		CHECK(area[sizeof(area) / 2] == 'p');
		CHECK(area[sizeof(area) - 1] == 'p');
		passed();
	}
	memset(area + sizeof(area) / 2, 'q', sizeof(area) / 2);
	close(go[1]);
	expect_passed(pid);
	CHECK(area[0] == 'p' && area[sizeof(area) - 1] == 'q');
}

// Catches: a page with three owners is made writable before only one is left.
TEST(cow_grandchildren)
{
	memset(area, 'a', sizeof(area));
	for (int depth = 0; depth < 6; depth++) {
		int pid = must_fork();

		if (pid == 0) {
			CHECK(area[0] == 'a' + depth);
			area[0]++;
			if (depth == 5)
				passed();
			continue;
		}
		expect_passed(pid);
		CHECK(area[0] == 'a' + depth);
		if (depth > 0)
			passed();
		break;
	}
}

// Catches: the kernel writes for a process into a page that other processes
// share.
TEST(cow_kernel_writes)
{
	int pid;

	make_file("f", "from the file");
	memset(area, 'p', sizeof(area));
	pid = must_fork();
	if (pid == 0) {
		int fd = open("f", O_RDONLY);

		CHECK(read(fd, area + PAGE - 5, 13) == 13);
		CHECK(memcmp(area + PAGE - 5, "from the file", 13) == 0);
		passed();
	}
	expect_passed(pid);
	for (uint i = 0; i < sizeof(area); i++)
		CHECK(area[i] == 'p');
}

// Catches: bss, a new heap or a new stack holds another process's bytes.
TEST(zero_pages)
{
	static char bss[8 * PAGE];
	char *heap;

	for (int round = 0; round < 3; round++) {
		heap = sbrk(8 * PAGE);
		CHECK(heap != (char *)-1);
		for (uint i = 0; i < 8 * PAGE; i++)
			CHECK(heap[i] == 0);
		memset(heap, 0xff, 8 * PAGE);
		CHECK(sbrk(-8 * PAGE) != (char *)-1);
	}
	for (uint i = 0; i < sizeof(bss); i++)
		CHECK(bss[i] == 0);
}

// Catches: pages are there before they are touched.
TEST(demand_zero)
{
	enum { SIZE = 64 << 20 };
	struct procinfo before, after;
	char *p;

	CHECK(find_process(getpid(), &before));
	p = sbrk(SIZE);
	CHECK(p != (char *)-1);
	for (uint i = 0; i < SIZE; i += SIZE / 8)
		p[i] = 1;
	CHECK(find_process(getpid(), &after));
	CHECK(after.pages - before.pages < 16);
	CHECK(after.size - before.size >= SIZE - PAGE);
}

// ---- The stack --------------------------------------------------------------

// Each call gets its caller's array, so that no compiler can turn the calls
// into a loop.
static int
use_stack(int kb, volatile char *above)
{
	volatile char local[1024];

	local[0] = *above;
	return kb == 0 ? local[0] : use_stack(kb - 1, local);
}

// Catches: the stack does not grow when calls are deep.
TEST(stack_grows)
{
	struct procinfo before, after;
	volatile char top = 1;

	CHECK(find_process(getpid(), &before));
	CHECK(use_stack(1000, &top) == 1);
	CHECK(find_process(getpid(), &after));
	CHECK(after.size - before.size >= 900 * 1024);
}

// Catches: a large local array reaches over the guard page (PITFALLS 16). Its
// far end is touched first, by the program or by the kernel for it.
TEST(stack_large_arrays)
{
	volatile char big[200 * 1024];
	int fd;

	big[0] = 1;
	big[sizeof(big) - 1] = 2;
	make_file("f", "text");
	fd = open("f", O_RDONLY);
	CHECK(read(fd, (char *)big + 5000, 4) == 4 && big[5000] == 't');
}

static int
for_ever(volatile int *n)
{
	volatile char local[512];

	local[0] = *n;
	if (*n < 0) // never, but the compiler cannot know
		return 0;
	*n += for_ever(n);
	return local[0] + *n;
}

// Catches: endless recursion overwrites the heap or stops the machine.
TEST_KILLED(stack_overflow, SIGSEGV)
{
	volatile int n = 0;

	for_ever(&n);
}

// Catches: an access far below the stack makes the stack grow.
TEST_KILLED(stack_not_everywhere, SIGSEGV)
{
	*(volatile char *)0x40000000 = 1;
}

// What is mapped below the stack, in its reach, and how far above it is
// touched.
static void
touch_above_mapping(uint distance)
{
	char *m = (char *)0x7fc00000;

	CHECK(mmap(m, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == m);
	((volatile char *)m)[4096 + distance] = 1;
}

// Catches: the guard takes too much of the stack's reach.
TEST(stack_above_guard)
{
	touch_above_mapping(64 << 10);
}

// Catches: the stack grows until it touches the area below, so that the next
// array reaches into this area.
TEST_KILLED(stack_guard, SIGSEGV)
{
	touch_above_mapping((64 << 10) - 4096);
}

// ---- Protection -------------------------------------------------------------

// Catches: page 0 is mapped (PITFALLS 13).
TEST_KILLED(null_read, SIGSEGV)
{
	volatile uint null = 0;

	sink = *(volatile int *)null;
}

// Catches: the same, with a write.
TEST_KILLED(null_write, SIGSEGV)
{
	volatile uint null = 8;

	*(volatile int *)null = 1;
}

// Catches: a call of a null function pointer runs something.
TEST_KILLED(null_jump, SIGSEGV)
{
	void (*volatile f)(void) = NULL;

	f();
}

// Catches: a program can change its own text (PITFALLS 14).
TEST_KILLED(text_write, SIGSEGV)
{
	*(volatile uchar *)(uint)&main = 0xc3;
}

// Catches: a program can change a string constant.
TEST_KILLED(rodata_write, SIGSEGV)
{
	static const char text[] = "constant";

	*(volatile char *)(uint)text = 'C';
}

// Catches: a process can read, write or run some part of the kernel.
TEST(kernel_is_out_of_reach)
{
	static const uint where[] = { 0x80000000, 0x80007c00, 0x80100000,
				     0x80200000, 0x8d000000, 0xfd001000,
				     0xfdbff000, 0xfe000000, 0xfee00000,
				     0xfffff000};

	for (uint i = 0; i < countof(where); i++)
		for (int how = 0; how < 3; how++) {
			volatile int *at = (volatile int *)where[i];
			int pid = must_fork();

			if (pid == 0 && how == 0)
				sink = *at;
			if (pid == 0 && how == 1)
				*at = 1;
			if (pid == 0 && how == 2)
				((void (*)(void))where[i])();
			if (pid == 0)
				passed();
			expect_status(pid, WAIT_KILLED(SIGSEGV));
		}
}

// Catches: the recursive window shows wrong entries. The entry of `area` must
// be present and the user's, and writable after the first write.
TEST(window_read)
{
	const volatile uint *tables = (const volatile uint *)0xfdc00000;

	area[0] = 1;
	CHECK((tables[(uint)area >> 12] & 7) == 7);
	CHECK((tables[(uint)&main >> 12] & 7) == 5);
}

// Catches: a process can change its own page tables.
TEST_KILLED(window_write, SIGSEGV)
{
	((volatile uint *)0xfdc00000)[(uint)area >> 12] = 7;
}

// Catches: a process can read the tables of the kernel's half through the
// window.
TEST_KILLED(window_kernel_tables, SIGSEGV)
{
	sink = ((const volatile uint *)0xfdc00000)[0x80100000 >> 12];
}

// ---- sbrk -------------------------------------------------------------------

// Catches: sbrk accepts a number with which the end of the heap underflows or
// overflows (PITFALLS 17).
TEST(sbrk_limits)
{
	static const int bad[] = { -0x7fffffff, -0x7fffffff - 1, 0x7fffffff,
				  0x7f000000, -(64 << 20)};
	char *end = sbrk(0), *mine = sbrk(PAGE);

	CHECK(mine == end);
	*mine = 'x';
	for (uint i = 0; i < countof(bad); i++) {
		CHECK(sbrk(bad[i]) == (char *)-1);
		CHECK(sbrk(0) == end + PAGE);
		CHECK(*mine == 'x');
	}
}

// Catches: memory is still there after sbrk has given it back.
TEST_KILLED(sbrk_shrink, SIGSEGV)
{
	volatile char *p = sbrk(4 * PAGE);

	p[3 * PAGE] = 1;
	if (sbrk(-4 * PAGE) != (char *)p + 4 * PAGE)
		passed();
	p[3 * PAGE] = 2;
}

// Catches: the heap loses its contents when it grows byte by byte.
TEST(sbrk_small_steps)
{
	char *begin = sbrk(0);

	for (int i = 0; i < 3 * PAGE; i++) {
		char *p = sbrk(1);

		CHECK(p == begin + i);
		*p = i;
	}
	for (int i = 0; i < 3 * PAGE; i++)
		CHECK(begin[i] == (char)i);
}

// Catches: fork copies pages that no process has written to.
TEST(fork_large_space)
{
	char *p = sbrk(128 << 20);

	if (p == (char *)-1)
		return; // a small machine
	p[0] = p[100 << 20] = 'x';
	for (int i = 0; i < 10; i++) {
		int pid = must_fork();

		if (pid == 0) {
			CHECK(p[0] == 'x' && p[100 << 20] == 'x');
			CHECK(p[50 << 20] == 0);
			passed();
		}
		expect_passed(pid);
	}
}
