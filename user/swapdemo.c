// swapdemo [PAGES]: its own pages go to swap and back.
//
// It prints what its page tables and the counters of the machine say: PAGES
// pages that are written (64), then pushed out by a child that uses as much
// memory as there is, then read, pushed out again and written. The counters
// show that a page that was only read goes without a write.
#include "memlayout.h"
#include "mmu.h"
#include "user.h"

static char *area;
static uint pages = 64;

// The entry of address va, by the recursive window; 0 if it has no table.
static uint32_t
entry_of(const void *va)
{
	const uint32_t *dir =
		(const uint32_t *)PGADDR(PDX(PTWINDOW), PDX(PTWINDOW), 0);
	const uint32_t *window = (const uint32_t *)PTWINDOW;

	return dir[PDX(va)] & PTE_P ? window[(uint)va / PGSIZE] : 0;
}

static void
print_entries(void)
{
	uint present = 0, absent = 0, gone = 0;

	for (uint i = 0; i < pages; i++) {
		uint32_t e = entry_of(area + i * PGSIZE);

		present += e & PTE_P;
		absent += e == 0;
		gone += e && !(e & PTE_P);
	}
	printf("  entries: %u present, %u in swap, %u absent; the first is "
	       "0x%08x\n",
	       present, gone, absent, entry_of(area));
}

// Runs body and prints what the tables and the counters say afterwards.
static void
step(const char *what, void (*body)(void))
{
	struct vminfo a, b;

	vminfo(0, &a, sizeof(a));
	body();
	vminfo(0, &b, sizeof(b));
	printf("%s\n", what);
	print_entries();
	printf("  swap: %u pages written, %u read, %u left without a write\n",
	       b.swap_out - a.swap_out, b.swap_in - a.swap_in,
	       b.swap_clean - a.swap_clean);
}

static void
write_pages(void)
{
	for (uint i = 0; i < pages; i++)
		area[i * PGSIZE] = i;
}

static void
read_pages(void)
{
	for (uint i = 0; i < pages; i++)
		if (area[i * PGSIZE] != (char)i)
			errx(1, "page %u came back with other bytes", i);
}

// A child that touches as many pages as there are frames.
static void
push_out(void)
{
	struct meminfo m;
	int pid = fork();

	if (pid < 0 || meminfo(&m) < 0)
		err(1, "fork");
	if (pid == 0) {
		char *p = sbrk(m.total * PGSIZE);

		if (p == (char *)-1)
			err(1, "sbrk");
		for (uint i = 0; i < m.total; i++)
			p[i * PGSIZE] = 1;
		exit(0);
	}
	waitpid(pid, NULL, 0);
}

int
main(int argc, char *argv[])
{
	struct vminfo v;
	int n;

	no_options(&argc, &argv, "[PAGES]");
	if (argc > 2 || (argc == 2 && (parse_int(argv[1], &n) < 0 || n < 1)))
		usage("[PAGES]");
	if (argc == 2)
		pages = n;
	if (vminfo(0, &v, sizeof(v)) < 0 || !v.swap_total)
		errx(1, "there is no swap: see swapon");
	area = mmap(NULL, pages * PGSIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		err(1, "mmap");
	step("written:", write_pages);
	step("pushed out:", push_out);
	step("read:", read_pages);
	step("pushed out again:", push_out);
	step("written again:", write_pages);
	return 0;
}
