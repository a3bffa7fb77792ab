// The k-th page is not there. tests/boot/test_nomemory.py asks for this test on
// a kernel with DEBUG=1. The test's number is a place in scenarios[], which has
// the order of SCENARIOS there. For each k the boot test lets the k-th page and
// some more fail, and sends a line: then the scenario runs, in a child.
#include "threads.h"

enum { PAGE = 4096, SOME = 6 };

static bool
failed(int result)
{
	return result < 0;
}

// ---- The scenarios: 0, or -1 and errno --------------------------------------

static int
do_fork(void)
{
	int pid = fork();

	if (pid == 0)
		exit(0);
	if (failed(pid))
		return -1;
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static int
do_exec(void)
{
	char *const argv[] = { "true", NULL };

	return exec("/true", argv);
}

static int
do_pipe(void)
{
	int fd[2];

	if (failed(pipe(fd)))
		return -1;
	return failed(write(fd[1], "text", 4)) ? -1 : 0;
}

static int
do_open(void)
{
	int fd = open("f", O_RDWR | O_CREATE);

	if (failed(fd) || failed(mkdir("d")) || failed(link("f", "d/f")))
		return -1;
	return rename("d/f", "g");
}

static int
do_write(void)
{
	static char text[3 * PAGE];
	int fd = open("f", O_RDWR | O_CREATE | O_TRUNC);

	if (failed(fd) || lseek(fd, 60 * PAGE, SEEK_SET) < 0 ||
	    failed(write(fd, text, sizeof(text))))
		return -1;
	return failed(fsync(fd)) || failed(unlink("f")) ? -1 : 0;
}

static int
do_mmap(void)
{
	int fd = open("/usertests", O_RDONLY);
	char *p;

	if (failed(fd))
		return -1;
	p = mmap(NULL, SOME * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -1;
	for (int i = 0; i < SOME; i++)
		p[i * PAGE] = 1;
	if (failed(mprotect(p + PAGE, PAGE, PROT_READ)))
		return -1;
	return munmap(p, SOME * PAGE);
}

static int
do_shared(void)
{
	char *p = mmap(NULL, SOME * PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	for (int i = 0; i < SOME; i++)
		p[i * PAGE] = 1;
	return do_fork();
}

static int
do_thread(void)
{
	char *stack = mmap(NULL, THREAD_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int tid;

	if (stack == MAP_FAILED)
		return -1;
	tid = thread_create(exit_at_once, NULL, stack + THREAD_STACK, NULL);
	return failed(tid) ? -1 : thread_join(tid, NULL);
}

static int
do_faults(void)
{
	static char data[SOME * PAGE];
	volatile char stack[SOME * PAGE];
	char *heap = sbrk(SOME * PAGE);

	if (heap == (char *)-1)
		return -1;
	for (int i = 0; i < SOME * PAGE; i += PAGE)
		heap[i] = data[i] = stack[i] = 1;
	return 0;
}

static int
do_futex(void)
{
	static int word;

	if (failed(futex_wake(&word, 1)))
		return -1;
	return failed(futex_wait(&word, 0, 1)) && errno != ETIMEDOUT ? -1 : 0;
}

// More memory than the machine has: pages go to swap, and come back.
static int
do_swap(void)
{
	static const uint pages = 24 * 256;
	uint *p;

	mknod("/swap", DEV_DISK, 1); // in the first round
	swapon("/swap");
	p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	for (uint i = 0; i < pages; i++)
		p[i * (PAGE / sizeof(*p))] = i;
	for (uint i = 0; i < pages; i++)
		CHECK(p[i * (PAGE / sizeof(*p))] == i);
	return 0;
}

static int (*const scenarios[])(void) = {
	do_fork,   do_exec,   do_pipe,	 do_open,  do_write, do_mmap,
	do_shared, do_thread, do_faults, do_futex, do_swap,
};

// ---- A round ----------------------------------------------------------------

enum { NO_MEMORY = 2 }; // exit status; 1 is that of a CHECK

static void
run_scenario(int go)
{
	char c;

	CHECK(read(go, &c, 1) == 1);
	if (scenarios[test_number % countof(scenarios)]() == 0)
		exit(0);
	exit(errno == ENOMEM || errno == EAGAIN ? NO_MEMORY : 100 + errno);
}

// Waits for a line of the boot test, which it sends when it has set what fails.
static void
wait_for_line(const char *say)
{
	char c = 0;

	printf("%s\n", say);
	CHECK(read(0, &c, 1) == 1);
}

// Catches: a call or a fault that, when its k-th page is not there, returns
// another error than ENOMEM, does half of its work, or loses a page.
LONG_TEST(nomemory)
{
	int go[2], status, before, pid;

	CHECK(pipe(go) == 0);
	for (;;) {
		before = frames_available();
		pid = must_fork();
		if (pid == 0)
			run_scenario(go[0]);
		wait_for_line("ready"); // from here on pages fail
		CHECK(write(go[1], "x", 1) == 1);
		CHECK(waitpid(pid, &status, 0) == pid);
		wait_for_line("over"); // they no longer fail
		remove_tree("d");
		unlink("f");
		unlink("g");
		sync(); // the journal gives its pages back
		printf("ended %x frames %d\n", status,
		       before - frames_available());
	}
}
