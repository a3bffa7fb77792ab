// Bad pointers, in every argument of every call that takes one.
#include "user/usertests.h"

// P marks the argument that is the pointer. The other arguments are small
// numbers.
#define P (-77)

static const struct {
	int number;
	int args[3];
	bool written; // the kernel writes to the pointer
} calls[] = {
	{SYS_pipe, {P}, true},
	{SYS_read, {3, P, 64}, true},
	{SYS_write, {3, P, 64}, false},
	{SYS_exec, {P, 0}, false},
	{SYS_fstat, {0, P}, true},
	{SYS_chdir, {P}, false},
	{SYS_open, {P, 0}, false},
	{SYS_open, {P, O_CREATE}, false},
	{SYS_mknod, {P, 1, 1}, false},
	{SYS_unlink, {P}, false},
	{SYS_link, {P, P}, false},
	{SYS_mkdir, {P}, false},
	{SYS_rename, {P, P}, false},
	{SYS_procinfo, {0, P}, true},
	{SYS_meminfo, {P}, true},
	{SYS_ptwindow, {1, 0x3f7, P}, true},
	{ SYS_areaname, { 1, 0x1000, P }, true },
};

static bool
refuses(int call, uint pointer)
{
	int a[3];

	for (int i = 0; i < 3; i++)
		a[i] = calls[call].args[i] == P ? (int)pointer
						: calls[call].args[i];
	errno = 0;
	if (raw_syscall(calls[call].number, a[0], a[1], a[2]) == -1 &&
	    errno == EFAULT)
		return true;
	dprintf(2, "call %d with pointer 0x%x: errno %d\n", calls[call].number,
		pointer, errno);
	return false;
}

static void
open_file_3(void)
{
	static char buf[256];
	int fd;

	close(3);
	fd = open("f", O_RDWR | O_CREATE);
	CHECK(fd == 3 && write(3, buf, sizeof(buf)) == sizeof(buf));
	CHECK(lseek(3, 0, SEEK_SET) == 0);
}

// Catches: the kernel follows a pointer that the process may not use.
TEST(pointers_bad)
{
	static const uint bad[] = {
		0,	    1,		0xfff,	    0x60000000, 0x7fffffff,
		0x80000000, 0x80100000, 0x8dfffffe, 0xbffffffc, 0xfd000000,
		0xfe000000, 0xfee00000, 0xfffffff0, 0xffffffff,
	};
	bool ok = true;

	open_file_3();
	for (uint i = 0; i < countof(calls); i++)
		for (uint k = 0; k < countof(bad); k++)
			// The word at KERNBASE - 1 may be the stack's last.
			if (bad[k] != 0x7fffffff || calls[i].written)
				ok &= refuses(i, bad[k]);
	CHECK(ok);
}

// Catches: read() overwrites the program's own text (PITFALLS 14).
TEST(pointers_read_only)
{
	bool ok = true;

	open_file_3();
	for (uint i = 0; i < countof(calls); i++)
		if (calls[i].written)
			ok &= refuses(i, (uint)&main);
	CHECK(ok);
}

// Catches: the kernel checks only the first byte of a buffer that ends behind
// the heap.
TEST(pointers_crossing)
{
	char *end = (char *)(((uint)sbrk(0) + 4095) & ~4095u);
	char c;

	CHECK(sbrk(end - (char *)sbrk(0)) != (void *)-1);
	open_file_3();
	end[-1] = 'x';
	for (uint i = 0; i < countof(calls); i++)
		if (calls[i].written)
			CHECK(refuses(i, (uint)end - 1));
	CHECK_ERROR(open(end - 1, O_RDONLY), EFAULT);
	CHECK(lseek(3, 0, SEEK_SET) == 0 && read(3, &c, 1) == 1);
}

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
