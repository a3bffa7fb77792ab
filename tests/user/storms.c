// Storms of processes, for tests/boot/test_storms.py: they do not end by
// themselves, or end the shell too.
#include "user/usertests.h"

enum { EXECUTORS = 8, WORDS = 12, KILLERS = 12, PIDS = 3000 };

// Catches: Ctrl-C that a child escapes whose parent was in fork.
LONG_TEST(fork_bomb)
{
	printf("fork_bomb begins\n");
	for (;;)
		fork();
}

// Catches: exec that loses memory when it is killed in the middle, or when
// memory is out. Each program has nearly as many arguments as are allowed.
LONG_TEST(exec_storm)
{
	static char *args[WORDS + 1];
	static char word[320]; // 11 of them are less than ARG_MAX
	int pid, status;

	memset(word, 'x', sizeof(word) - 1);
	args[0] = "true";
	for (uint i = 1; i < WORDS; i++)
		args[i] = word;
	printf("exec_storm begins\n");
	for (int i = 0; i < EXECUTORS && fork() > 0; i++)
		;
	for (;;) {
		pid = fork();
		if (pid == 0) {
			exec("/true", args);
			exit(errno != ENOMEM);
		}
		if (pid > 0 && waitpid(pid, &status, 0) == pid)
			CHECK(status == 0 || WIFSIGNALED(status));
	}
}

// Catches: a kill that panics for some state of its victim, or that ends init.
// Everybody kills everybody, the shell too, and init starts another one.
LONG_TEST(kill_storm)
{
	for (int i = 0; i < KILLERS; i++)
		if (fork() == 0)
			sleep(1 + i % 3);
	for (int pid = PIDS; pid >= -3; pid--)
		if (pid != getpid())
			kill(pid);
	exit(0);
}
