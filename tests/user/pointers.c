// Pointers where no table reaches: of wait and exit, the stack pointer itself.
#include "user/usertests.h"

// Catches: wait loses the child when its status pointer is bad.
TEST(pointers_waitpid)
{
	int pid = must_fork();

	if (pid == 0)
		exit(5);
	CHECK_ERROR(waitpid(pid, (int *)0x80100000, 0), EFAULT);
	CHECK(waitpid(pid, NULL, 0) == pid || errno == ECHILD);
}

// Makes a system call while the stack pointer has this value.
static int
call_with_stack(uint esp, int number)
{
	int result = number;

	asm volatile("movl %%esp, %%esi\n\t"
		     "movl %1, %%esp\n\t"
		     "int $0x40\n\t"
		     "movl %%esi, %%esp"
		     : "+a"(result)
		     : "r"(esp)
		     : "esi", "edx", "memory");
	return result;
}

// Catches: the kernel fetches arguments through a bad stack pointer without a
// check.
TEST(pointers_stack)
{
	static const uint bad[] = {0,	       4,	   0x80000000,
				   0x7ffffffe, 0x80100000, 0xfffffffc,
				   0xffffffff};

	for (uint i = 0; i < countof(bad); i++) {
		CHECK(call_with_stack(bad[i], SYS_close) == -1);
		CHECK(call_with_stack(bad[i], SYS_write) == -1);
		CHECK(call_with_stack(bad[i], SYS_getpid) == getpid());
	}
}

// Catches: a process does not end when the status of exit cannot be read.
TEST(pointers_exit)
{
	int status, pid = must_fork();

	if (pid == 0)
		call_with_stack(0x80000000, SYS_exit);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
}

// Catches: random arguments stop the kernel.
TEST(pointers_noise)
{
	static const int wild[] = {0,	       1,
				   -1,	       3,
				   4096,       0x1000,
				   0x7fffffff, -0x7fffffff - 1,
				   0x7ffff000, -4096};
	static const int never[] = {
		SYS_fork,   SYS_exit,	    SYS_kill,	       SYS_sleep,
		SYS_reboot, SYS_consmode,   SYS_setfg,	       SYS_read,
		SYS_swapon, SYS_futex_wait, SYS_thread_create, SYS_thread_exit,
		SYS_munmap, SYS_mprotect,   SYS_mmap,	       SYS_sbrk};
	int pid = must_fork(), status;

	if (pid == 0) {
		// A copy of file 0 would write to the console.
		CHECK(dup2(open("/dev/null", O_RDWR), 0) == 0);
		for (int i = 0; i < 3000; i++) {
			int number = rand() % SYS_COUNT, a[3];
			bool skip = false;

			for (uint k = 0; k < countof(never); k++)
				skip |= number == never[k];
			for (int k = 0; k < 3; k++)
				a[k] = wild[rand() % countof(wild)];
			if (!skip && a[0] != 1)
				raw_syscall(number, a[0], a[1], a[2]);
		}
		passed();
	}
	CHECK(waitpid(pid, &status, 0) == pid);
}
