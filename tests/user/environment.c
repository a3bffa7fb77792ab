// What a program gets: its environment, its files, its parent, the date.
#include "user/usertests.h"
#include "abi/info.h"
#include "abi/system.h"

// Runs /env by a system call, with the environment e, and puts what it prints
// into text.
static void
run_env(int call, char *const e[], char *text, int size)
{
	char *const argv[] = { "env", NULL };
	int fd[2], n = 0, got, pid;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		dup2(fd[1], 1);
		raw_syscall(call, "/env", argv, e);
		exit(111);
	}
	close(fd[1]);
	while ((got = read(fd[0], text + n, size - 1 - n)) > 0)
		n += got;
	text[n] = 0;
	close(fd[0]);
	expect_status(pid, WAIT_EXITED(0));
}

// Catches: an environment that is lost, mixed with the arguments, or that an
// old program gets.
TEST(exec_environment)
{
	char *const e[] = { "A=1", "B=", "C=two three", NULL };
	char *const none[] = { NULL };
	char text[64];

	run_env(SYS_execve, e, text, sizeof(text));
	CHECK(strcmp(text, "A=1\nB=\nC=two three\n") == 0);
	run_env(SYS_execve, none, text, sizeof(text));
	CHECK(text[0] == 0);
	run_env(SYS_execve, NULL, text, sizeof(text));
	CHECK(text[0] == 0);
	run_env(SYS_exec, e, text, sizeof(text));
	CHECK(text[0] == 0);
}

// Catches: an environment that is too large and is cut, that takes the place of
// the arguments, or that leaves memory behind.
TEST(exec_large_environment)
{
	static char big[ARG_MAX + 1], argument[ARG_MAX - 100];
	char *const one[] = { big, NULL };
	char *const argv[] = { "true", argument, NULL };
	int frames = 0, pid;

	memset(argument, 'y', sizeof(argument) - 1);
	for (int i = 0; i < 20; i++) {
		memset(big, 'x', ARG_MAX);
		CHECK_ERROR(execve("/true", argv, one), E2BIG);
		big[ARG_MAX - 8] = 0; // with two pointers: one byte too much
		CHECK_ERROR(execve("/true", argv, one), E2BIG);
		big[ARG_MAX - 9] = 0;
		pid = must_fork();
		if (pid == 0) {
			execve("/true", argv, one);
			exit(111);
		}
		expect_status(pid, WAIT_EXITED(0));
		if (i == 0)
			frames = frames_available();
	}
	CHECK(frames_available() > frames - 10);
}

// Catches: setenv, unsetenv and putenv that lose a variable or find another.
TEST(environment_changes)
{
	static char text[] = "P=put";
	char name[8];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "V%d", i);
		CHECK(setenv(name, name, 1) == 0);
	}
	CHECK(strcmp(getenv("V1"), "V1") == 0);
	CHECK(strcmp(getenv("V99"), "V99") == 0 && !getenv("V"));
	CHECK(unsetenv("V1") == 0 && !getenv("V1") && getenv("V10"));
	CHECK(setenv("V2", "other", 0) == 0);
	CHECK(strcmp(getenv("V2"), "V2") == 0);
	CHECK(putenv(text) == 0 && getenv("P") == text + 2);
	CHECK_ERROR(setenv("A=B", "", 1), EINVAL);
	CHECK_ERROR(unsetenv(""), EINVAL);
}

static void
print_with(int how)
{
	char *const argv[] = { "echo", "hello", NULL };
	int fd = open("/dev/null", O_RDWR | how);

	CHECK(fd >= 0);
	if (dup2(fd, 1) != 1 || dup2(fd, 2) != 2 ||
	    fcntl(1, F_SETFD, how ? FD_CLOEXEC : 0) < 0)
		exit(112);
	exec("/echo", argv);
	exit(111);
}

// Catches: a descriptor that stays open in a new program although it was to be
// closed, or is closed by a copy, a fork, or an exec that fails.
TEST(close_on_exec)
{
	char *const argv[] = { "x", NULL };
	int fd = open("/true", O_RDONLY | O_CLOEXEC), pid;

	CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(dup(fd), F_GETFD) == 0);
	CHECK(fcntl(fd, F_DUPFD, 9) == 9 && fcntl(fd, F_DUPFD, 9) == 10);
	CHECK_ERROR(exec("/missing", argv), ENOENT);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(9, F_GETFD) == 0);
	CHECK(close(fd) == 0 && open("/true", O_RDONLY) == fd);
	CHECK(fcntl(fd, F_GETFD) == 0); // another file, another mark
	for (int how = 0; how <= O_CLOEXEC; how += O_CLOEXEC) {
		pid = must_fork();
		if (pid == 0)
			print_with(how);
		expect_status(pid, WAIT_EXITED(how ? 1 : 0));
	}
}

// Catches: commands of fcntl that change another number than theirs, or take
// numbers that are none.
TEST(fcntl_errors)
{
	make_file("f", "x");
	CHECK(open("f", O_WRONLY | O_APPEND) == 3);
	CHECK(fcntl(3, F_GETFL) == (O_WRONLY | O_APPEND));
	CHECK_ERROR(fcntl(3, 99), EINVAL);
	CHECK_ERROR(fcntl(4, F_GETFD), EBADF);
	CHECK_ERROR(fcntl(-1, F_SETFD, 1), EBADF);
	CHECK_ERROR(fcntl(NOFILE, F_GETFL), EBADF);
	CHECK_ERROR(fcntl(3, F_DUPFD, NOFILE), EINVAL);
	CHECK_ERROR(fcntl(3, F_DUPFD, -1), EINVAL);
	CHECK(fcntl(3, F_DUPFD, NOFILE - 1) == NOFILE - 1);
	CHECK_ERROR(fcntl(3, F_DUPFD, NOFILE - 1), EMFILE);
	CHECK_ERROR(open("f", O_CREATE | O_EXCL | O_RDWR), EEXIST);
	CHECK(open("g", O_CREATE | O_EXCL | O_RDWR) == 4);
}

// Catches: a parent that is not the one that forked, or that has ended.
TEST(parent_number)
{
	int mine = getpid(), fd[2], said = 0, pid;

	CHECK(getppid() > 0 && pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		CHECK(getppid() == mine);
		if (fork() > 0)
			exit(0);
		while (getppid() != 1)
			sleep(1);
		said = getppid();
		write(fd[1], &said, sizeof(said));
		exit(0);
	}
	expect_status(pid, WAIT_EXITED(0));
	CHECK(read(fd[0], &said, sizeof(said)) == sizeof(said) && said == 1);
}

// Catches: a clock that goes back, stands still, or is years away.
TEST(time_goes_on)
{
	struct wall_time a, b;

	CHECK(gettime(&a) == 0 && a.seconds > 1700000000);
	for (int i = 0; i < 5; i++) {
		sleep(2);
		CHECK(gettime(&b) == 0 && b.nanoseconds < 1000000000);
		CHECK(b.seconds - a.seconds + (b.nanoseconds > a.nanoseconds) >
		      0);
		a = b;
	}
}

// Catches: a size that is lost, or that something else than the console has.
TEST(console_size)
{
	struct winsize old, w = { 50, 132, 0, 0 }, got;
	int fd[2];

	CHECK(pipe(fd) == 0);
	CHECK_ERROR(winsize(fd[0], &old, 0), ENOTTY);
	CHECK_ERROR(winsize(99, &old, 0), EBADF);
	CHECK(!isatty(fd[1]));
	fd[0] = open("/console", O_RDWR);
	CHECK(isatty(fd[0]) && winsize(fd[0], &old, 0) == 0);
	CHECK(winsize(fd[0], &w, 1) == 0 && winsize(fd[0], &got, 0) == 0);
	CHECK(got.ws_row == 50 && got.ws_col == 132);
	CHECK(winsize(fd[0], &old, 1) == 0);
}

// Catches: a /dev/null that keeps something, or a /dev/zero that is not zeros.
TEST(null_and_zero)
{
	static char buf[3 * 4096 + 5];
	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR);
	int got = 0, n;

	CHECK(null >= 0 && zero >= 0);
	memset(buf, 'x', sizeof(buf));
	CHECK(write(null, buf, sizeof(buf)) == sizeof(buf));
	CHECK(read(null, buf, sizeof(buf)) == 0);
	CHECK(write(zero, buf, 9) == 9);
	while (got < (int)sizeof(buf)) {
		n = read(zero, buf + got, sizeof(buf) - got);
		CHECK(n > 0);
		got += n;
	}
	for (uint i = 0; i < sizeof(buf); i++)
		CHECK(buf[i] == 0);
}

// Catches: a path of the current directory that is not its own, or that is
// written beyond its buffer.
TEST(path_of_directory)
{
	char path[PATH_MAX], small[16], *own;

	CHECK(getcwd(path, sizeof(path)) && path[0] == '/');
	CHECK(chdir("/") == 0 && strcmp(getcwd(small, 2), "/") == 0);
	CHECK(!getcwd(small, 1) && errno == ERANGE);
	CHECK(chdir(path) == 0 && mkdir("a") == 0 && chdir("a") == 0);
	own = getcwd(NULL, 0);
	CHECK(own && strcmp(own + strlen(path), "/a") == 0);
	memset(small, '!', sizeof(small));
	CHECK(!getcwd(small, 4) && errno == ERANGE && small[4] == '!');
	CHECK(unlink("../a") == 0 && !getcwd(NULL, 0) && errno == ENOENT);
}
