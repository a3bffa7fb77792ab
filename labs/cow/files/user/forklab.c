// forklab: forks, step by step, for a look from outside.
//
//	forklab alone    pages that nobody else has
//	forklab tree     a child and a grandchild
//	forklab race     writers, while a child reads
//
// Before each step it waits for a line. What it does then stands below, and in
// the lab's handout. The page DESK says where things are.
#include "memlayout.h"
#include "mmu.h"
#include "user.h"

enum { N = 16, ROUNDS = 16, FORKS = 30 };

#define DESK   ((struct desk *)0x60000000) // shared by all processes
#define PAGES  ((char *)0x68000000)        // N private pages, ...
#define SHARED (PAGES + N * PGSIZE)        // a page that all share,
#define SEALED (SHARED + PGSIZE)           // one that is read-only now,
#define HIDDEN (SEALED + PGSIZE)           // one of PROT_NONE
#define ALONE  ((char *)0x6C000000)
#define OF_FILE (ALONE + PGSIZE)
#define BIG    ((char *)0x70000000)
#define BIG_SIZE (32 << 20)

struct desk {
	int pid[3];        // parent, child, grandchild
	char *stack;       // N pages of the stack, in each process
	uint32_t window;   // what the child's window shows after its write
	int hidden;        // what the child reads in HIDDEN
	int file;          // the first byte of the file, at the end
	int stale[2];      // values that a child should not have seen
};

static int to_child[2], to_parent[2];

static void
step(int n)
{
	char c;

	printf("step %d\n", n);
	while (read(0, &c, 1) == 1 && c != '\n')
		;
}

static void
tell(const int *pipe)
{
	write(pipe[1], "x", 1);
}

static void
hear(const int *pipe)
{
	char c;

	read(pipe[0], &c, 1);
}

static void
map(void *at, unsigned int size, int how)
{
	if (mmap(at, size, PROT_READ | PROT_WRITE,
		 how | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		err(1, "mmap");
}

static void
write_pages(char *pages, char first)
{
	for (int i = 0; i < N; i++)
		memset(pages + i * PGSIZE, first + i, PGSIZE);
}

static int
must_fork(int who)
{
	int pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		DESK->pid[who] = getpid();
	return pid;
}

// ---- alone ------------------------------------------------------------------

// Two private pages lose W and get it back, without any fork: one that nobody
// else has, and one that shows a file.
static void
alone(void)
{
	int fd = open("/cat", O_RDONLY);
	char byte;

	map(ALONE, PGSIZE, MAP_PRIVATE);
	ALONE[0] = 'a';
	mprotect(ALONE, PGSIZE, PROT_READ);
	mmap(OF_FILE, PGSIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
	     fd, 0);
	DESK->file = *(volatile char *)OF_FILE;
	step(1);
	mprotect(ALONE, PGSIZE, PROT_READ | PROT_WRITE);
	ALONE[0] = 'b';
	OF_FILE[0] = 'b';
	read(fd, &byte, 1);
	DESK->file = byte;
	step(2);
}

// ---- tree -------------------------------------------------------------------

static void
map_pages(void)
{
	map(PAGES, N * PGSIZE, MAP_PRIVATE);
	write_pages(PAGES, 'a');
	map(SHARED, PGSIZE, MAP_SHARED);
	SHARED[0] = 's';
	map(SEALED, 2 * PGSIZE, MAP_PRIVATE);
	SEALED[0] = 'r';
	HIDDEN[0] = 'h';
	mprotect(SEALED, PGSIZE, PROT_READ);
	mprotect(HIDDEN, PGSIZE, PROT_NONE);
}

static void
grandchild(void)
{
	tell(to_parent);
	for (;;)
		sleep(1000);
}

// Step 3: the child writes. Step 4: it forks.
static void
child(char *stack)
{
	volatile uint32_t *entry =
		(uint32_t *)(PTWINDOW + (vaddr_t)(PAGES + 3 * PGSIZE) / 1024);

	tell(to_parent);
	hear(to_child);
	DESK->window = *entry;
	PAGES[3 * PGSIZE] = 'C';
	DESK->window = *entry;
	stack[3 * PGSIZE] = SHARED[0] = 'C';
	mprotect(HIDDEN, PGSIZE, PROT_READ);
	DESK->hidden = *HIDDEN;
	tell(to_parent);
	hear(to_child);
	if (must_fork(2) == 0)
		grandchild();
	wait();
	exit(0);
}

static void
tree(char *stack)
{
	map_pages();
	map(BIG, BIG_SIZE, MAP_PRIVATE);
	for (int i = 0; i < BIG_SIZE; i += PGSIZE)
		BIG[i] = 1;
	step(1);
	if (must_fork(1) == 0)
		child(stack);
	hear(to_parent);
	step(2);
	tell(to_child);
	hear(to_parent);
	step(3);
	tell(to_child);
	hear(to_parent);
	step(4);
	kill(DESK->pid[2]);
	wait();
	PAGES[5 * PGSIZE] = stack[5 * PGSIZE] = 'P';
	step(5);
	for (int i = 0; i < FORKS; i++) {
		if (must_fork(1) == 0)
			exit(PAGES[0] = stack[0] = 0);
		wait();
	}
	step(6);
}

// ---- race -------------------------------------------------------------------

static int
pages_that_changed(void)
{
	int changed = 0;

	sleep(2);
	for (int i = 0; i < N; i++)
		changed += PAGES[i * PGSIZE] != 'a' + i;
	return changed;
}

// The parent writes as soon as fork returns.
static void
race_of_parent(void)
{
	write_pages(PAGES, 'a');
	if (must_fork(1) == 0) {
		DESK->stale[0] += pages_that_changed();
		exit(0);
	}
	for (int i = 0; i < N; i++)
		PAGES[i * PGSIZE] = 'A';
	wait();
}

static volatile bool ending;

static void
count_always(void *page)
{
	while (!ending)
		++*(volatile int *)page;
	thread_exit(0);
}

// A thread of the parent writes all the time, on another CPU.
static void
race_of_thread(void)
{
	volatile int *count = (int *)PAGES;
	int seen;

	if (must_fork(1) == 0) {
		seen = *count;
		sleep(2);
		DESK->stale[1] += *count != seen;
		exit(0);
	}
	wait();
}

static void
race(void)
{
	static char thread_stack[4 * PGSIZE];
	int tid;

	map_pages();
	if (must_fork(1) == 0)
		grandchild();
	hear(to_parent);
	step(1);
	kill(DESK->pid[1]);
	wait();
	for (int i = 0; i < ROUNDS; i++)
		race_of_parent();
	tid = thread_create(count_always, PAGES,
			    thread_stack + sizeof(thread_stack), NULL);
	for (int i = 0; i < ROUNDS; i++)
		race_of_thread();
	ending = true;
	thread_join(tid, NULL);
	step(2);
}

// -----------------------------------------------------------------------------

int
main(int argc, char *argv[])
{
	char raw[(N + 1) * PGSIZE];

	no_options(&argc, &argv, "alone|tree|race");
	if (argc != 2)
		usage("alone|tree|race");
	map(DESK, PGSIZE, MAP_SHARED);
	DESK->pid[0] = getpid();
	DESK->stack = (char *)PGROUNDUP((vaddr_t)raw);
	write_pages(DESK->stack, 'a');
	if (pipe(to_child) < 0 || pipe(to_parent) < 0)
		err(1, "pipe");
	if (strcmp(argv[1], "alone") == 0)
		alone();
	else if (strcmp(argv[1], "tree") == 0)
		tree(DESK->stack);
	else
		race();
	return 0;
}
