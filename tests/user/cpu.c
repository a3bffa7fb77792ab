// What a program can do to the CPU: flags, FPU, forbidden instructions. No
// other program of cr3 uses the FPU.
#include "user/usertests.h"

// Loads a number into the FPU, then compares it again and again.
static void
keep_fpu(int mine)
{
	int seen = 0;

	asm volatile("fninit; fildl %0" : : "m"(mine));
	for (int i = 0; i < 300; i++) {
		asm volatile("fistl %0" : "=m"(seen));
		CHECK(seen == mine);
		if (i % 10 == 0)
			sleep(1);
		for (volatile int k = 0; k < 1000; k++)
			;
	}
	asm volatile("fstp %st(0)");
	passed();
}

// Catches: one process changes the FPU registers of another one (PITFALLS 22).
TEST(fpu_is_kept)
{
	int pid[6];

	for (int i = 0; i < 6; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0)
			keep_fpu(i * 1000 + 7);
	}
	for (int i = 0; i < 6; i++)
		expect_passed(pid[i]);
}

// Tells what a program finds in the FPU and in gs when exec has just started
// it.
LONG_TEST(fpu_fresh)
{
	ushort control = 0, gs;

	asm volatile("fnstcw %0; movw %%gs, %1" : "=m"(control), "=r"(gs));
	CHECK(control == 0x37F);
	CHECK(gs == 0);
}

// Catches: a program begins with the FPU registers of the program before exec.
TEST(fpu_exec)
{
	static const ushort toward_zero = 0xF7F;
	char *const argv[] = { "usertests", "fpu_fresh", NULL };
	int pid = must_fork();

	if (pid == 0) {
		dup2(open("said", O_CREATE | O_WRONLY),
		     1); // not into the test's log
		asm volatile("fninit; fldcw %0" : : "m"(toward_zero));
		exec("/usertests", argv);
		exit(111);
	}
	expect_status(pid, WAIT_EXITED(0));
}

// Catches: a child does not get its parent's FPU registers, or the parent loses
// them.
TEST(fpu_fork)
{
	int mine = 4711, seen = 0, pid;

	asm volatile("fninit; fildl %0" : : "m"(mine));
	pid = must_fork();
	asm volatile("fistl %0" : "=m"(seen));
	CHECK(seen == mine);
	if (pid == 0) {
		mine = 5;
		asm volatile("fildl %0; fildl %0" : : "m"(mine));
		passed();
	}
	expect_passed(pid);
	asm volatile("fistpl %0" : "=m"(seen));
	CHECK(seen == mine);
}

// Divides 1 by 0 with the exception unmasked: the FPU reports it at the next
// FPU instruction that waits, which comes later or never.
static void
divide_by_zero(void)
{
	static const ushort report_it = 0x37B;
	static const float zero = 0;

	asm volatile("fninit; fldcw %0; fld1; fdivs %1"
		     :
		     : "m"(report_it), "m"(zero));
}

// Catches: a kernel that dies of a program's pending FPU exception when it
// saves or loads FPU state (on CPUs without fxsave, fnsave and frstor did), and
// an exception that gets lost on the way. The FPU's owner sleeps, forks and
// execs.
TEST(fpu_pending)
{
	char *const argv[] = { "usertests", "fpu_fresh", NULL };
	int pid[3];

	for (int i = 0; i < 3; i++) {
		pid[i] = must_fork();
		if (pid[i] > 0)
			continue;
		dup2(open("said", O_CREATE | O_WRONLY), 1); // not for our log
		divide_by_zero();
		if (i == 0)
			exec("/usertests", argv);
		if (i == 1 && must_fork() == 0)
			passed();
		sleep(3);
		asm volatile("fwait");
		exit(111);
	}
	expect_status(pid[0], WAIT_EXITED(0));
	expect_status(pid[1], WAIT_KILLED(SIGFPE));
	expect_status(pid[2], WAIT_KILLED(SIGFPE));
}

static bool
has_sse(void)
{
	uint a = 1, b, c, d;

	asm volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return (d & 1 << 24) && (d & 1 << 25);
}

static void
keep_sse(int mine)
{
	int in[4] = { mine, mine + 1, mine + 2, mine + 3 }, seen[4];

	asm volatile("movups (%0), %%xmm5" : : "r"(in) : "memory");
	for (int i = 0; i < 20; i++) {
		sleep(1);
		asm volatile("movups %%xmm5, (%0)" : : "r"(seen) : "memory");
		CHECK(memcmp(in, seen, sizeof(in)) == 0);
	}
	passed();
}

// Catches: SSE registers are not saved together with the FPU's.
TEST(sse_is_kept)
{
	int pid[4];

	if (!has_sse())
		return;
	for (int i = 0; i < 4; i++) {
		pid[i] = must_fork();
		if (pid[i] == 0)
			keep_sse(i * 100);
	}
	for (int i = 0; i < 4; i++)
		expect_passed(pid[i]);
}

// Sets these flags, makes a system call, and clears the flags again.
static int
call_with_flags(uint flags, int number, int a, const void *b, int c)
{
	int args[4] = { 0, a, (int)b, c }, result = number;

	asm volatile("pushfl\n\t"
		     "movl %%esp, %%edi\n\t"
		     "pushfl\n\t"
		     "orl %1, (%%esp)\n\t"
		     "popfl\n\t"
		     "movl %2, %%esp\n\t"
		     "int $0x40\n\t"
		     "movl %%edi, %%esp\n\t"
		     "popfl"
		     : "+a"(result)
		     : "r"(flags), "r"(args)
		     : "edi", "edx", "memory", "cc");
	return result;
}

enum { FLAG_TF = 1 << 8, FLAG_DF = 1 << 10, FLAG_NT = 1 << 14,
       FLAG_AC = 1 << 18 };

// Catches: the kernel keeps the program's flags. Then its copies would run
// backwards (PITFALLS 23), iret would return to a nested task, or a misaligned
// access would fault.
TEST(flags_at_system_calls)
{
	static const uint flags[] = { FLAG_DF, FLAG_NT, FLAG_AC,
				     FLAG_DF | FLAG_NT | FLAG_AC};
	static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	int fd, pid;

	for (uint i = 0; i < countof(flags); i++) {
		fd = open("f", O_RDWR | O_CREATE | O_TRUNC);
		CHECK(call_with_flags(flags[i], SYS_write, fd, text, 36) == 36);
		CHECK(file_is("f", text));
		pid = call_with_flags(flags[i], SYS_fork, 0, 0, 0);
		if (pid == 0)
			passed();
		expect_passed(pid);
		CHECK(call_with_flags(flags[i], SYS_getpid, 0, 0, 0) ==
		      getpid());
	}
}

// Catches: a system call changes the program's flags.
TEST(flags_kept)
{
	uint before, after;

	asm volatile("std; pushfl; popl %0; movl %2, %%eax; int $0x40;"
		     "pushfl; popl %1; cld"
		     : "=&r"(before), "=&r"(after)
		     : "i"(SYS_getpid)
		     : "eax", "edx", "memory", "cc");
	CHECK((before & 0xcd5) == (after & 0xcd5));
	CHECK(after & FLAG_DF);
}

// Catches: the kernel goes on with the empty data segments that a program has
// loaded.
TEST(segments)
{
	int result = SYS_getpid;

	asm volatile("pushl %%ds; pushl %%es; pushl %%gs; pushl %%fs;"
		     "xorl %%ecx, %%ecx; movw %%cx, %%ds; movw %%cx, %%es;"
		     "movw %%cx, %%fs; movw %%cx, %%gs; int $0x40;"
		     "popl %%fs; popl %%gs; popl %%es; popl %%ds"
		     : "+a"(result)
		     :
		     : "ecx", "edx", "memory");
	CHECK(result == getpid());
}

// A program of one or two instructions, and the reason for its death.
#define DEADLY(id, why, text)                                                  \
	TEST_KILLED(id, why)                                                   \
	{                                                                      \
		asm volatile(text);                                            \
	}

// Catches: one of these instructions takes effect, or ends more than its
// process.
DEADLY(cpu_in, SIGSEGV, "inb $0x60, %al")
DEADLY(cpu_out, SIGSEGV, "movb $0xfe, %al; outb %al, $0x64")
DEADLY(cpu_cli, SIGSEGV, "cli")
DEADLY(cpu_hlt, SIGSEGV, "hlt")
DEADLY(cpu_lgdt, SIGSEGV, "lgdt (%esp)")
DEADLY(cpu_lidt, SIGSEGV, "lidt (%esp)")
DEADLY(cpu_ltr, SIGSEGV, "movl $0x28, %eax; ltr %ax")
DEADLY(cpu_read_cr3, SIGSEGV, "movl %cr3, %eax")
DEADLY(cpu_write_cr0, SIGSEGV, "movl $1, %eax; movl %eax, %cr0")
DEADLY(cpu_invlpg, SIGSEGV, "invlpg (%esp)")
DEADLY(cpu_wrmsr, SIGSEGV, "movl $0x1b, %ecx; wrmsr")
DEADLY(cpu_interrupt_vector, SIGSEGV, "int $0x20")
DEADLY(cpu_page_fault_vector, SIGSEGV, "int $0x0e")
DEADLY(cpu_far_call, SIGSEGV, "lcall $0x08, $0x80100000")
DEADLY(cpu_kernel_segment, SIGSEGV, "movl $0x10, %eax; movw %ax, %ss")
DEADLY(cpu_wild_segment, SIGSEGV, "movl $0xfff8, %eax; movw %ax, %ds")
DEADLY(cpu_nested_return, SIGSEGV, "pushfl; orl $0x4000, (%esp); popfl; iret")
DEADLY(cpu_virtual_8086, SIGSEGV,
       "xorl %eax, %eax; pushl %eax; pushl %eax; pushl %eax; pushl %eax;"
       "pushl %eax; pushl %eax; pushl $0x20202; pushl $0xf000; pushl %eax;"
       "iret")
DEADLY(cpu_breakpoint, SIGTRAP, "int3")
DEADLY(cpu_single_step, SIGTRAP, "pushfl; orl $0x100, (%esp); popfl; nop; nop")
DEADLY(cpu_step_into_kernel, SIGTRAP,
       "movl $11, %eax; pushfl; orl $0x100, (%esp); popfl; int $0x40; nop")
DEADLY(cpu_illegal, SIGILL, "ud2")
DEADLY(cpu_divide, SIGFPE, "xorl %edx, %edx; xorl %ecx, %ecx; divl %ecx")
DEADLY(cpu_divide_overflow, SIGFPE,
       "movl $0x80000000, %eax; movl $-1, %edx; movl $-1, %ecx; idivl %ecx")

// Catches: a program can change IF or IOPL with popf.
TEST(cpu_interrupt_flag)
{
	uint flags;

	asm volatile("pushfl; andl $~0x200, (%%esp); orl $0x3000, (%%esp);"
		     "popfl; pushfl; popl %0"
		     : "=r"(flags));
	CHECK((flags & 0x3200) == 0x200);
}
