// cowdemo: forks, and prints tables and frames.
//
// The page is a mapping far from the program's data, so that printing does not
// change its table. The recursive window shows the two entries that lead to it.
// How many directories name the table is what ptwindow returns.
#include "memlayout.h"
#include "mmu.h"
#include "user.h"

static int *number; // in the page that is looked at
static uint32_t copy[NPTENTRIES];

static void
show(const char *who, const char *when)
{
	const uint32_t *dir =
		(const uint32_t *)(PTWINDOW + PDX(PTWINDOW) * PGSIZE);
	int n = ptwindow(getpid(), PDX(number), copy);
	uint32_t pde = dir[PDX(number)], pte = copy[PTX(number)];

	if (n < 0)
		err(1, "ptwindow");
	printf("%-7s %-22s %6d  %08x %s %11d  %08x %s  %s\n", who, when,
	       *number, PTE_ADDR(pde), pde & PTE_W ? "W" : "-", n,
	       PTE_ADDR(pte), pte & PTE_W ? "W" : "-",
	       pde & pte & PTE_W ? "writable" : "read-only");
}

static void
child(void)
{
	show("child", "after fork");
	*number = 2;
	show("child", "after its write");
	exit(0);
}

int
main(int argc, char *argv[])
{
	int pid;

	number = mmap(NULL, PGSIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (number == MAP_FAILED)
		err(1, "mmap");
	*number = 1;
	printf("%-7s %-22s %6s  %-10s %11s  %-10s\n", "process", "when",
	       "number", "table", "directories", "frame");
	show("parent", "before fork");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		child();
	waitpid(pid, NULL, 0);
	show("parent", "when the child is gone");
	*number = 3;
	show("parent", "after its write");
	return 0;
}
