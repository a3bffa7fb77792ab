// The address space: copy-on-write, the stack, protection, the heap's end.
#include "user/usertests.h"

enum { PAGES = 16, PAGE = 4096 };
static char area[PAGES * PAGE];
static volatile int sink;

// Catches: a child's write that its parent sees, or the reverse.
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

// Catches: a page shared by three whose last owner is found too early.
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

// Catches: the kernel writing for a process into a page that it shares.
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

// Catches: bss, fresh heap or fresh stack with somebody's bytes in them.
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

// Catches: memory that is there before it is touched.
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

// Each call is handed the array of the one above, so that no compiler can make
// a loop of them.
static int
use_stack(int kb, volatile char *above)
{
	volatile char local[1024];

	local[0] = *above;
	return kb == 0 ? local[0] : use_stack(kb - 1, local);
}

// Catches: a stack that does not grow by deep calls.
TEST(stack_grows)
{
	struct procinfo before, after;
	volatile char top = 1;

	CHECK(find_process(getpid(), &before));
	CHECK(use_stack(1000, &top) == 1);
	CHECK(find_process(getpid(), &after));
	CHECK(after.size - before.size >= 900 * 1024);
}

// Catches: a large local array that steps over the guard (PITFALLS 16), touched
// from its far end, by us or by the kernel for us.
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

// Catches: endless recursion that eats the heap or the machine.
TEST_KILLED(stack_overflow, SIGSEGV)
{
	volatile int n = 0;

	for_ever(&n);
}

// Catches: any low address taken for the stack.
TEST_KILLED(stack_not_everywhere, SIGSEGV)
{
	*(volatile char *)0x40000000 = 1;
}

// What lies under the stack, in its reach, and how far above it is touched.
static void
touch_above_mapping(uint distance)
{
	char *m = (char *)0x7fc00000;

	CHECK(mmap(m, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == m);
	((volatile char *)m)[4096 + distance] = 1;
}

// Catches: a guard that eats more of the stack's reach than it should.
TEST(stack_above_guard)
{
	touch_above_mapping(64 << 10);
}

// Catches: a stack that grows up to its neighbour, so that the next array goes
// right over it.
TEST_KILLED(stack_guard, SIGSEGV)
{
	touch_above_mapping((64 << 10) - 4096);
}

// ---- Protection -------------------------------------------------------------

// Catches: a page 0 that is there (PITFALLS 13).
TEST_KILLED(null_read, SIGSEGV)
{
	volatile uint null = 0;

	sink = *(volatile int *)null;
}

// Catches: as above.
TEST_KILLED(null_write, SIGSEGV)
{
	volatile uint null = 8;

	*(volatile int *)null = 1;
}

// Catches: a jump through a null function pointer that runs something.
TEST_KILLED(null_jump, SIGSEGV)
{
	void (*volatile f)(void) = NULL;

	f();
}

// Catches: text that a program can change (PITFALLS 14).
TEST_KILLED(text_write, SIGSEGV)
{
	*(volatile uchar *)(uint)&main = 0xc3;
}

// Catches: string constants that a program can change.
TEST_KILLED(rodata_write, SIGSEGV)
{
	static const char text[] = "constant";

	*(volatile char *)(uint)text = 'C';
}

// Catches: any part of the kernel that a process can read, write or run.
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

// Catches: a recursive window that shows wrong entries: ours for `area` must be
// present, the user's, and writable once written.
TEST(window_read)
{
	const volatile uint *tables = (const volatile uint *)0xfdc00000;

	area[0] = 1;
	CHECK((tables[(uint)area >> 12] & 7) == 7);
	CHECK((tables[(uint)&main >> 12] & 7) == 5);
}

// Catches: a process that can change its own page tables.
TEST_KILLED(window_write, SIGSEGV)
{
	((volatile uint *)0xfdc00000)[(uint)area >> 12] = 7;
}

// Catches: the tables of the kernel's half readable through the window.
TEST_KILLED(window_kernel_tables, SIGSEGV)
{
	sink = ((const volatile uint *)0xfdc00000)[0x80100000 >> 12];
}

// ---- sbrk -------------------------------------------------------------------

// Catches: numbers that underflow or overflow the end of the heap (PITFALLS
// 17).
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

// Catches: memory that stays when it has been given back.
TEST_KILLED(sbrk_shrink, SIGSEGV)
{
	volatile char *p = sbrk(4 * PAGE);

	p[3 * PAGE] = 1;
	if (sbrk(-4 * PAGE) != (char *)p + 4 * PAGE)
		passed();
	p[3 * PAGE] = 2;
}

// Catches: byte-wise growth that loses what was there.
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

// Catches: fork copying what nobody has touched.
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
