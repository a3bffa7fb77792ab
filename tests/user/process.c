// Processes: fork, exit, wait, time.
#include "user/usertests.h"

// Catches: an exit status is lost, cut wrongly, or belongs to another child.
TEST(exit_status)
{
	static const int given[] = { 0, 1, 7, 255, 256 + 3, -1 };
	static const int want[] = { 0, 1, 7, 255, 3, 255 };

	for (uint i = 0; i < countof(given); i++) {
		int pid = must_fork();

		if (pid == 0)
			exit(given[i]);
		expect_status(pid, WAIT_EXITED(want[i]));
	}
}

// Catches: fork returns a wrong number to the parent or to the child.
TEST(fork_pids)
{
	int fd[2], pid, seen[2], parent = getpid();

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		struct procinfo me;

		CHECK(find_process(getpid(), &me));
		seen[0] = getpid();
		seen[1] = me.ppid;
		CHECK(write(fd[1], seen, sizeof(seen)) == sizeof(seen));
		passed();
	}
	CHECK(pid > 0 && pid != parent);
	CHECK(read(fd[0], seen, sizeof(seen)) == sizeof(seen));
	CHECK(seen[0] == pid && seen[1] == parent);
	expect_passed(pid);
	CHECK(getpid() == parent);
}

// Catches: waitpid waits for ever for a child that does not exist, or is
// another process's.
TEST(wait_without_children)
{
	int status;

	CHECK_ERROR(wait(), ECHILD);
	CHECK_ERROR(waitpid(-1, &status, 0), ECHILD);
	CHECK_ERROR(waitpid(-1, &status, WNOHANG), ECHILD);
	CHECK_ERROR(waitpid(1, &status, 0), ECHILD);
	CHECK_ERROR(waitpid(getpid(), &status, 0), ECHILD);
	CHECK_ERROR(waitpid(123456, &status, 0), ECHILD);
}

// Catches: waitpid with WNOHANG sleeps, or never sees that the child has ended.
TEST(wait_nohang)
{
	int fd[2], pid, got, status = -1;
	char c;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		close(fd[1]);
		CHECK(read(fd[0], &c, 1) == 0);
		exit(9);
	}
	CHECK(waitpid(pid, &status, WNOHANG) == 0);
	CHECK(waitpid(-1, &status, WNOHANG) == 0);
	close(fd[1]);
	while ((got = waitpid(pid, &status, WNOHANG)) == 0)
		sleep(1);
	CHECK(got == pid && status == WAIT_EXITED(9));
}

// Catches: waitpid(pid) returns another child that has ended first.
TEST(wait_chosen)
{
	int pid[5];

	for (int i = 0; i < 5; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0)
			exit(10 + i);
	}
	for (int i = 4; i >= 0; i--)
		expect_status(pid[i], WAIT_EXITED(10 + i));
}

// Catches: waitpid refuses NULL as a status pointer, or old programs' wait(3)
// fails.
TEST(wait_no_status)
{
	int pid = must_fork();

	if (pid == 0)
		exit(3);
	CHECK(waitpid(pid, NULL, 0) == pid);
	pid = must_fork();
	if (pid == 0)
		exit(3);
	CHECK(wait() == pid);
}

// Catches: a child vanishes before its parent has waited, or many children
// cannot be waited for one after the other.
TEST(many_children)
{
	int left = 40;

	for (int i = 0; i < left; i++)
		if (must_fork() == 0)
			exit(i);
	for (; left > 0; left--)
		CHECK(wait() > 0);
	CHECK_ERROR(wait(), ECHILD);
}

// Catches: an orphan stays a zombie for ever, because no process waits for it.
TEST(orphans)
{
	struct procinfo info;
	int fd[2], orphan, pid;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		orphan = must_fork();
		if (orphan > 0) {
			write(fd[1], &orphan, sizeof(orphan));
			passed();
		}
		sleep(10);
		passed();
	}
	CHECK(read(fd[0], &orphan, sizeof(orphan)) == sizeof(orphan));
	expect_passed(pid);
	if (find_process(orphan, &info))
		CHECK(info.ppid == 1);
	for (int i = 0; find_process(orphan, &info); i++) {
		CHECK(i < 5 * HZ);
		sleep(1);
	}
}

// Catches: procinfo does not show a child that has ended as a zombie, or still
// shows it after waitpid.
TEST(zombie_is_shown)
{
	struct procinfo info;
	int pid = must_fork();

	if (pid == 0)
		passed();
	for (int i = 0; i < 5 * HZ; i++) {
		CHECK(find_process(pid, &info));
		if (info.state == PROC_ZOMBIE)
			break;
		sleep(1);
	}
	CHECK(info.state == PROC_ZOMBIE && info.ppid == getpid());
	expect_passed(pid);
	CHECK(!find_process(pid, &info));
}

// Catches: procinfo does not list its caller, or never comes to an end.
TEST(process_list)
{
	struct procinfo info;
	int index = 0, count = 0;
	bool init = false;

	while ((index = procinfo(index, &info)) > 0) {
		CHECK(++count <= NPROC);
		CHECK(info.pid > 0 && info.state >= PROC_RUNNING &&
		      info.state <= PROC_ZOMBIE);
		if (info.pid == 1)
			init = true;
	}
	CHECK(errno == ESRCH && init);
	CHECK(find_process(getpid(), &info));
	CHECK(strcmp(info.name, "usertests") == 0);
	CHECK(info.pages > 0 && info.state == PROC_RUNNING);
	CHECK_ERROR(procinfo(0x7fffffff, &info), ESRCH);
}

// Catches: sleep takes a negative time for a very long one, or ends too early.
TEST(sleep_times)
{
	int begin = uptime();

	CHECK(sleep(0) == 0);
	CHECK(sleep(-1) == 0);
	CHECK(sleep(-0x7fffffff - 1) == 0);
	CHECK(uptime() - begin < HZ);
	begin = uptime();
	CHECK(sleep(5) == 0);
	CHECK(uptime() - begin >= 5 && uptime() - begin < 5 + 2 * HZ);
}

// Catches: a process that computes keeps all others from running.
TEST(preemption)
{
	int fd[2], pid[8], begin;
	char c;

	CHECK(pipe(fd) == 0);
	for (int i = 0; i < 8; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0)
			for (;;)
				asm volatile("");
	}
	begin = uptime();
	if (must_fork() == 0) {
		CHECK(write(fd[1], "x", 1) == 1);
		passed();
	}
	CHECK(read(fd[0], &c, 1) == 1);
	CHECK(uptime() - begin < 10 * HZ);
	for (int i = 0; i < 8; i++) {
		CHECK(kill(pid[i]) == 0);
		expect_status(pid[i], WAIT_KILLED(SIGKILL));
	}
	CHECK(wait() > 0);
}

// Catches: a system call with an unknown number reads beyond the table of
// calls.
TEST(no_such_call)
{
	static const int numbers[] = {
		0,	    SYS_COUNT,	     99,	1000, -1,
		0x7fffffff, -0x7fffffff - 1, 0x40000001};

	for (uint i = 0; i < countof(numbers); i++)
		CHECK_ERROR(raw_syscall(numbers[i], 1, 2, 3), ENOSYS);
}

// Catches: a system call changes a register that it should preserve.
TEST(registers_kept)
{
	uint b = 0x11111111, c = 0x22222222, d = 0x33333333;
	uint S = 0x44444444, D = 0x55555555, a = SYS_uptime;

	for (int i = 0; i < 1000; i++, a = SYS_uptime) {
		asm volatile("int $0x40"
			     : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(S),
			       "+D"(D)
			     :
			     : "memory");
		CHECK(b == 0x11111111 && c == 0x22222222 && d == 0x33333333);
		CHECK(S == 0x44444444 && D == 0x55555555);
	}
}

// Catches: setpgid moves a process that is not the caller's child.
TEST(groups)
{
	struct procinfo info;
	int pid, fd[2];
	char c;

	CHECK(pipe(fd) == 0);
	pid = must_fork();
	if (pid == 0) {
		close(fd[1]);
		read(fd[0], &c, 1);
		passed();
	}
	CHECK(setpgid(pid, pid) == 0);
	CHECK(find_process(pid, &info) && info.group == pid);
	CHECK(setpgid(0, 0) == 0);
	CHECK(find_process(getpid(), &info) && info.group == getpid());
	CHECK_ERROR(setpgid(1, getpid()), ESRCH);
	CHECK_ERROR(setpgid(123456, 1), ESRCH);
	close(fd[1]);
	expect_passed(pid);
}

// Gives Ctrl-C something to end: 16 chains of processes. Each process forks the
// next one and exits, so that some processes are always just being created.
LONG_TEST(fork_storm)
{
	for (int i = 0; i < 16; i++)
		if (must_fork() == 0)
			for (;;)
				if (fork() > 0)
					exit(0);
	for (;;)
		wait();
}
