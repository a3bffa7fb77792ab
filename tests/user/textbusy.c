// Files that run: nobody writes to them, and nobody runs what is written to.
#include "user/usertests.h"

static void
copy_program(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out;

	CHECK(in >= 0);
	out = open(to, O_WRONLY | O_CREATE | O_TRUNC);
	CHECK(out >= 0);
	CHECK(copy_fd(in, out, NULL) == 0);
	CHECK(close(in) == 0 && close(out) == 0);
}

// Starts path with its input from a pipe: it runs until *end is closed.
static int
start_reader(const char *path, char *const argv[], int *end)
{
	int fd[2], pid;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		CHECK(dup2(fd[0], 0) == 0);
		close(fd[0]);
		close(fd[1]);
		if (*end >= 0)
			close(*end);
		exec(path, argv);
		exit(111);
	}
	close(fd[0]);
	*end = fd[1];
	wait_until_asleep(pid);
	return pid;
}

static void
check_busy(const char *path)
{
	char c;
	int fd;

	CHECK_ERROR(open(path, O_WRONLY), ETXTBSY);
	CHECK_ERROR(open(path, O_RDWR), ETXTBSY);
	CHECK_ERROR(open(path, O_RDWR | O_CREATE), ETXTBSY);
	CHECK_ERROR(open(path, O_WRONLY | O_TRUNC), ETXTBSY);
	CHECK_ERROR(open(path, O_RDONLY | O_TRUNC), ETXTBSY);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && read(fd, &c, 1) == 1 && c == 0x7F);
	CHECK(close(fd) == 0);
}

static void
check_free(const char *path)
{
	int fd = open(path, O_RDWR);

	CHECK(fd >= 0);
	CHECK(close(fd) == 0);
}

static char *const cat_args[] = { "cat", NULL };

// Catches: a program that can write over its own file, which it is read from.
TEST(text_busy_self)
{
	check_busy("/usertests");
}

// Catches: `cp echo sh`, after which the machine has no shell; a count that
// stays when the program has ended.
TEST(text_busy_child)
{
	int end = -1, pid;

	copy_program("/cat", "prog");
	pid = start_reader("prog", cat_args, &end);
	check_busy("prog");
	close(end);
	expect_status(pid, WAIT_EXITED(0));
	check_free("prog");
}

// Catches: a file that is free when the first of several programs has ended.
TEST(text_busy_children)
{
	int end[3] = { -1, -1, -1 }, pid[3];

	copy_program("/cat", "prog");
	for (uint i = 0; i < countof(pid); i++) {
		if (i > 0)
			end[i] = end[i - 1];
		pid[i] = start_reader("prog", cat_args, &end[i]);
	}
	for (uint i = countof(pid); i-- > 0;) {
		check_busy("prog");
		close(end[i]);
		expect_status(pid[i], WAIT_EXITED(0));
	}
	check_free("prog");
}

// Kills the processes that run "prog" and their children. How many run it.
static int
kill_progs(void)
{
	struct procinfo info;
	int n = 0, parent = -1;

	for (int i = 0; (i = procinfo(i, &info)) > 0;) {
		if (strcmp(info.name, "prog") == 0) {
			parent = info.pid;
			n++;
		}
		if (info.pid == parent || info.ppid == parent)
			kill(info.pid);
	}
	return n;
}

// Catches: a forked space that is not counted and whose parent has ended; a
// killed one that stays counted.
TEST(text_busy_fork)
{
	static char *const args[] = { "sh", "-c", "(sleep 1000; true) & exit",
				     NULL};
	int pid;

	copy_program("/sh", "prog");
	pid = must_fork();
	if (pid == 0) {
		exec("prog", args);
		exit(111);
	}
	expect_status(pid, WAIT_EXITED(0));
	check_busy("prog");
	CHECK(kill_progs() > 0);
	for (int i = 0; i < 500 && kill_progs() > 0; i++)
		sleep(1);
	check_free("prog");
}

// Catches: an exec of a file that somebody is about to change; an exec that
// fails and leaves its file busy.
TEST(text_busy_exec)
{
	int fd, end = -1, pid;

	copy_program("/true", "prog");
	make_file("text", "no program\n");
	fd = open("prog", O_WRONLY);
	CHECK(fd >= 0);
	CHECK_ERROR(exec("prog", cat_args), ETXTBSY);
	pid = must_fork(); // shares the open file
	if (pid == 0) {
		close(fd);
		CHECK_ERROR(exec("prog", cat_args), ETXTBSY);
		passed();
	}
	expect_passed(pid);
	CHECK(close(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		exec("prog", cat_args);
		exit(111);
	}
	expect_status(pid, WAIT_EXITED(0));
	CHECK_ERROR(exec("text", cat_args), ENOEXEC);
	check_free("text");
	copy_program("/cat", "prog");
	pid = start_reader("prog", cat_args, &end);
	close(end);
	expect_status(pid, WAIT_EXITED(0));
}

// Catches: a shared map through which a program's file changes while it runs,
// after the open file has been closed.
TEST(text_busy_map)
{
	int fd, pid;
	char *p;

	copy_program("/true", "prog");
	fd = open("prog", O_RDWR);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED && p[0] == 0x7F);
	CHECK(close(fd) == 0);
	CHECK_ERROR(exec("prog", cat_args), ETXTBSY);
	CHECK(mprotect(p, 4096, PROT_READ | PROT_WRITE) == 0);
	p[0] = 0x7F;
	CHECK(munmap(p, 4096) == 0);
	// A map that can only read changes nothing.
	fd = open("prog", O_RDONLY);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) !=
	      MAP_FAILED);
	pid = must_fork();
	if (pid == 0) {
		exec("prog", cat_args);
		exit(111);
	}
	expect_status(pid, WAIT_EXITED(0));
}

// Catches: a program that can be neither removed nor replaced while it runs.
TEST(text_busy_names)
{
	int end = -1, pid;

	copy_program("/cat", "prog");
	pid = start_reader("prog", cat_args, &end);
	copy_program("/true", "new");
	CHECK(rename("new", "prog") == 0);
	check_free("prog");
	CHECK(unlink("prog") == 0);
	CHECK(write(end, "", 0) == 0);
	close(end);
	expect_status(pid, WAIT_EXITED(0));
}

// Catches: a cp that says nothing, or the wrong thing, of a running program.
TEST(text_busy_message)
{
	static char *const args[] = { "cp", "/echo", "/usertests", NULL };
	char buf[100];
	int fd[2], n = 0, got, pid;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		dup2(fd[1], 2);
		exec("/cp", args);
		exit(111);
	}
	close(fd[1]);
	while ((got = read(fd[0], buf + n, sizeof(buf) - 1 - n)) > 0)
		n += got;
	buf[n] = 0;
	expect_status(pid, WAIT_EXITED(1));
	CHECK(strcmp(buf, "cp: /usertests: Text file busy\n") == 0);
}
