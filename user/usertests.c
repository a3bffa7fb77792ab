// usertests [-l | NAME...]: tests the kernel from a program.
//
//	usertests            all tests
//	usertests NAME...    these tests, in this order; a number before NAME
//	                     goes to a test that runs only if it is named
//	usertests -l         their names
//
// It prints a line for each test, and `usertests: N passed, M failed` at the
// end. The exit status is 0 if M is 0. The tests are in tests/user/, and the
// linker collects them in a table (user/user.ld).
#include "usertests.h"

enum { LIMIT = 60 * HZ }; // a test that takes longer is stuck

static const char *const directory = "/usertests.tmp";
extern const struct user_test *const usertests_begin[], *const usertests_end[];

// The name of the running test. Its children inherit it.
static const char *test_name = "";

int test_number;

void
test_fail(const char *file, int line, const char *what)
{
	dprintf(2, "%s: %s:%d: %s is not so (errno: %s)\n", test_name,
		path_base(file), line, what, strerror(errno));
	exit(1);
}

void
passed(void)
{
	exit(TEST_PASSED);
}

int
must_fork(void)
{
	int pid = fork();

	CHECK(pid >= 0);
	return pid;
}

int
run_child(void (*body)(void))
{
	int status = 0, pid = must_fork();

	if (pid == 0) {
		body();
		passed();
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

void
expect_status(int pid, int want)
{
	int status = -1;

	CHECK(waitpid(pid, &status, 0) == pid);
	if (status == want)
		return;
	dprintf(2, "%s: a child ended with status 0x%x, not 0x%x\n", test_name,
		status, want);
	exit(1);
}

void
expect_passed(int pid)
{
	expect_status(pid, WAIT_EXITED(TEST_PASSED));
}

void
make_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREATE | O_TRUNC);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (int)strlen(text));
	CHECK(close(fd) == 0);
}

bool
file_is(const char *name, const char *text)
{
	char buf[512];
	int fd = open(name, O_RDONLY), n;

	CHECK(fd >= 0);
	n = read(fd, buf, sizeof(buf));
	close(fd);
	return n == (int)strlen(text) && memcmp(buf, text, n) == 0;
}

int
frames_available(void)
{
	struct meminfo m;

	CHECK(meminfo(&m) == 0);
	return m.free + m.cached;
}

bool
find_process(int pid, struct procinfo *info)
{
	int index = 0;

	while ((index = procinfo(index, info)) > 0)
		if (info->pid == pid)
			return true;
	return false;
}

void
wait_until_asleep(int pid)
{
	struct procinfo info;

	for (int i = 0; i < 2 * HZ; i++) {
		if (find_process(pid, &info) && info.state == PROC_SLEEPING)
			return;
		sleep(1);
	}
	CHECK(!"the child goes to sleep");
}

// Takes the return address off the stack. Then `number` stands where the kernel
// expects a return address, and the arguments stand behind it.
asm(".text\n"
    ".globl raw_syscall\n"
    "raw_syscall:\n"
    "	popl %ecx\n"
    "	movl (%esp), %eax\n"
    "	int $0x40\n"
    "	pushl %ecx\n"
    "	cmpl $-1, %eax\n"
    "	je syscall_failed\n"
    "	ret\n");

// ---- The runner -------------------------------------------------------------

// Polls, because a test that is stuck must be killed.
static int
wait_limited(int pid, bool limited)
{
	int status = 0;

	if (!limited) {
		waitpid(pid, &status, 0);
		return status;
	}
	for (int ticks = 0; waitpid(pid, &status, WNOHANG) == 0; ticks++) {
		if (ticks == LIMIT) {
			warnx("%s: takes too long", test_name);
			kill(pid);
		}
		sleep(1);
	}
	return status;
}

static void
describe(char *text, size_t size, int status)
{
	if (WIFSIGNALED(status))
		snprintf(text, size, "killed (%s)",
			 signal_name(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == TEST_PASSED)
		snprintf(text, size, "not killed");
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(status));
}

static bool
run(const struct user_test *t)
{
	char text[40];
	int pid, status;

	test_name = t->name;
	if (mkdir(directory) < 0 && errno != EEXIST)
		warn("%s", directory);
	pid = fork();
	if (pid == 0) {
		CHECK(chdir(directory) == 0);
		t->run();
		passed();
	}
	if (pid < 0) {
		printf("%s: FAILED fork: %s\n", t->name, strerror(errno));
		return false;
	}
	status = wait_limited(pid, !t->on_request);
	remove_tree(directory);
	describe(text, sizeof(text), status);
	if (status == t->want)
		printf("%s: ok\n", t->name);
	else
		printf("%s: FAILED %s\n", t->name, text);
	return status == t->want;
}

static const struct user_test *
find(const char *name)
{
	for (const struct user_test *const *t = usertests_begin;
	     t < usertests_end; t++)
		if (strcmp((*t)->name, name) == 0)
			return *t;
	return NULL;
}

static void
list(void)
{
	for (const struct user_test *const *t = usertests_begin;
	     t < usertests_end; t++)
		puts((*t)->name);
}

static void
run_all(int counts[2])
{
	for (const struct user_test *const *t = usertests_begin;
	     t < usertests_end; t++)
		if (!(*t)->on_request)
			counts[run(*t)]++;
}

static void
run_named(const char *name, int counts[2])
{
	const struct user_test *t = find(name);

	if (!t)
		warnx("there is no test %s", name);
	counts[t && run(t)]++;
}

int
main(int argc, char *argv[])
{
	int counts[2] = { 0, 0 };

	if (argc == 2 && strcmp(argv[1], "-l") == 0) {
		list();
		return 0;
	}
	remove_tree(directory); // an earlier run may have left it
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] >= '0' && argv[i][0] <= '9')
			test_number = atoi(argv[i]);
		else
			run_named(argv[i], counts);
	}
	if (argc == 1)
		run_all(counts);
	printf("usertests: %d passed, %d failed\n", counts[true],
	       counts[false]);
	return counts[false] != 0;
}
