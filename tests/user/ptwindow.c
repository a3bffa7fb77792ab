// The recursive window, and ptwindow, which shows it to others.
#include "memlayout.h"
#include "mmu.h"
#include "user/usertests.h"

enum { NUSER = PDX(KERNBASE), WINDOW = PDX(PTWINDOW) };

static uint32_t page[NPDENTRIES] __attribute__((aligned(PGSIZE)));
static const uint32_t *const own_dir =
	(const uint32_t *)(PTWINDOW + WINDOW * PGSIZE);

// Are two tables equal, apart from the bits that the MMU may have set
// meanwhile?
static bool
same_entries(const uint32_t *a, const uint32_t *b)
{
	for (uint i = 0; i < NPTENTRIES; i++)
		if ((a[i] ^ b[i]) & ~(PTE_A | PTE_D))
			return false;
	return true;
}

// Catches: ptwindow shows another table than the window, or the window of
// another process.
TEST(ptwindow_is_the_window)
{
	uint seen = 0;

	memset(page, 1, sizeof(page)); // the page is there
	CHECK(ptwindow(getpid(), WINDOW, page) >= 1);
	CHECK(same_entries(page, own_dir));
	for (uint i = 0; i < NUSER; i++) {
		if (!(own_dir[i] & PTE_P)) {
			CHECK_ERROR(ptwindow(getpid(), i, page), ENOENT);
			continue;
		}
		CHECK(ptwindow(getpid(), i, page) >= 1);
		CHECK(same_entries(page, (uint32_t *)(PTWINDOW + i * PGSIZE)));
		seen++;
	}
	CHECK(seen >= 2); // text and stack
}

// Catches: ptwindow shows the parent's tables for a child, or an entry of a
// shared page is writable.
TEST(ptwindow_of_a_child)
{
	static uint32_t theirs[NPTENTRIES];
	static char shared[PGSIZE] __attribute__((aligned(PGSIZE)));
	uint at = PTX(shared);
	const uint32_t *mine =
		(const uint32_t *)(PTWINDOW + PDX(shared) * PGSIZE);
	int pid, go[2];
	char c;

	CHECK(pipe(go) == 0);
	memset(theirs, 1, sizeof(theirs));
	memset(shared, 1, sizeof(shared));
	CHECK(mine[at] & PTE_W);
	pid = must_fork();
	if (pid == 0) {
		read(go[0], &c, 1);
		passed();
	}
	wait_until_asleep(pid);
	CHECK(ptwindow(pid, WINDOW, theirs) >= 1);
	CHECK(PTE_ADDR(theirs[WINDOW]) != PTE_ADDR(own_dir[WINDOW]));
	CHECK(PTE_ADDR(theirs[PDX(shared)]) != PTE_ADDR(own_dir[PDX(shared)]));
	CHECK(theirs[NUSER] == own_dir[NUSER]);
	CHECK(ptwindow(pid, PDX(shared), theirs) >= 1);
	CHECK(theirs[at] & PTE_P && !((theirs[at] | mine[at]) & PTE_W));
	CHECK(PTE_ADDR(theirs[at]) == PTE_ADDR(mine[at]));
	shared[0]++;
	CHECK(mine[at] & PTE_W && PTE_ADDR(theirs[at]) != PTE_ADDR(mine[at]));
	CHECK(write(go[1], "x", 1) == 1);
	expect_passed(pid);
}

// Catches: ptwindow shows the kernel's tables to a program, or returns no error
// for a table that is absent.
TEST(ptwindow_errors)
{
	struct procinfo info;
	int pid = must_fork();

	if (pid == 0)
		passed();
	CHECK_ERROR(ptwindow(getpid(), NUSER, page), EPERM);
	CHECK_ERROR(ptwindow(1, PDX(DEVSPACE), page), EPERM);
	CHECK_ERROR(ptwindow(getpid(), PDX(KSTACKS) - 1, page), ENOENT);
	CHECK_ERROR(ptwindow(getpid(), NPDENTRIES, page), EINVAL);
	CHECK_ERROR(ptwindow(getpid(), -1, page), EINVAL);
	CHECK_ERROR(ptwindow(0, 0, page), ESRCH);
	CHECK_ERROR(ptwindow(-1, 0, page), ESRCH);
	for (int i = 0; i < 5 * HZ; i++)
		if (find_process(pid, &info) && info.state != PROC_ZOMBIE)
			sleep(1);
	CHECK_ERROR(ptwindow(pid, WINDOW, page), ESRCH);
	expect_passed(pid);
	CHECK_ERROR(ptwindow(pid, WINDOW, page), ESRCH);
}

// Catches: the tables of a process are freed while ptwindow copies them.
TEST(ptwindow_while_they_end)
{
	for (int round = 0; round < 40; round++) {
		int pid = must_fork();

		if (pid == 0)
			passed();
		while (ptwindow(pid, WINDOW, page) >= 1)
			CHECK((page[WINDOW] & (PTE_P | PTE_W | PTE_U)) ==
			      (PTE_P | PTE_U));
		CHECK(errno == ESRCH);
		expect_passed(pid);
	}
}

// Catches: areaname names another area than the one at the address, or another
// process's.
TEST(areaname_names_the_areas)
{
	static char data[4];
	char name[AREA_NAME], *heap = sbrk(PGSIZE);
	const struct {
		const void *va;
		const char *name;
	} places[] = {
		{main, "text"},	 {data, "data"},	  {heap, "heap"},
		{name, "stack"}, {(void *)16, "nothing"}, {own_dir, "kernel"},
	};
	int pid, go[2];

	for (uint i = 0; i < countof(places); i++) {
		CHECK(areaname(getpid(), (uint)places[i].va, name) == 0);
		CHECK(strcmp(name, places[i].name) == 0);
	}
	CHECK(pipe(go) == 0);
	pid = must_fork();
	if (pid == 0) {
		sbrk(-PGSIZE);
		write(go[1], "x", 1);
		sleep(1000 * HZ);
	}
	CHECK(read(go[0], name, 1) == 1);
	CHECK(areaname(pid, (uint)heap, name) == 0);
	CHECK(strcmp(name, "nothing") == 0);
	kill(pid);
	CHECK(waitpid(pid, NULL, 0) == pid);
	CHECK_ERROR(areaname(pid, 0x1000, name), ESRCH);
	CHECK_ERROR(areaname(0, 0x1000, name), ESRCH);
}
