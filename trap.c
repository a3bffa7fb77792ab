// Every way into the kernel, and the way out.
//
// The CPU enters through the IDT, on the running thread's kernel stack.
// x86/trapasm.S completes the trapframe and calls trap() with interrupts off.
// What may take long turns them on. On the way out a killed process ends, and
// another thread may run.
#include "trap.h"
#include "abi/errno.h"
#include "abi/syscalls.h"
#include "abi/wait.h"
#include "kern/panic.h"
#include "mm/fault.h"
#include "mm/uaccess.h"
#include "mmu.h"
#include "proc.h"
#include "sys/procinfo.h"
#include "sys/reclaim.h"
#include "sys/syscall.h"
#include "x86/cpu.h"
#include "x86/irq.h"
#include "x86/trapframe.h"

// ---- Exceptions other than page faults -------------------------------------

// A process dies of these. In the kernel they mean that the kernel is wrong.
static const struct exception {
	const char *name;
	int reason; // abi/wait.h
} exceptions[] = {
	[T_DIVIDE] = { "divide error", SIGFPE },
	[T_DEBUG] = { "debug trap", SIGTRAP },
	[T_BRKPT] = { "breakpoint", SIGTRAP },
	[T_OFLOW] = { "overflow", SIGFPE },
	[T_BOUND] = { "bound range exceeded", SIGSEGV },
	[T_ILLOP] = { "illegal instruction", SIGILL },
	[T_DEVICE] = { "no FPU", SIGILL },
	[T_TSS] = { "invalid TSS", SIGSEGV },
	[T_SEGNP] = { "segment not present", SIGSEGV },
	[T_STACK] = { "stack segment fault", SIGSEGV },
	[T_GPFLT] = { "privileged instruction or bad segment", SIGSEGV },
	[T_PGFLT] = { "page fault", SIGSEGV },
	[T_FPERR] = { "FPU error", SIGFPE },
	[T_ALIGN] = { "misaligned access", SIGBUS },
	[T_MCHK] = { "machine check", SIGBUS },
	[T_SIMDERR] = { "SSE error", SIGFPE },
};

static const struct exception *
exception_of(const struct trapframe *tf)
{
	static const struct exception other = { "unexpected trap", SIGSEGV };
	uint32_t n = tf->trapno;

	return n < countof(exceptions) && exceptions[n].name ? &exceptions[n]
							     : &other;
}

__noreturn static void
kernel_fault(const struct trapframe *tf, vaddr_t cr2)
{
	char where[64];

	panic("%s in the kernel: trap %u error %x eip %08x %s cr2 %08x",
	      exception_of(tf)->name, tf->trapno, tf->err, tf->eip,
	      symbol(tf->eip, where, sizeof(where)), (uint)cr2);
}

static void
exception(struct trapframe *tf)
{
	char who[WHO_SIZE];
	uint32_t n = tf->trapno;

	if (n == T_DEVICE && from_user(tf) && cpu_has.fpu) {
		fpu_trap(&thread_this()->user);
		return;
	}
	if (n == T_DEBUG && !from_user(tf)) {
		tf->eflags &= ~FL_TF; // a program single-stepped into us
		return;
	}
	if (!from_user(tf) || !proc_this())
		kernel_fault(tf, 0);
	sti();
	printk("%s: %s, eip 0x%x\n", procinfo_who(who), exception_of(tf)->name,
	       tf->eip);
	proc_exit(WAIT_KILLED(exception_of(tf)->reason));
}

// ---- Page faults -----------------------------------------------------------

static const struct {
	const char *name;
	int reason; // abi/wait.h
} rules[] = {
	[FAULT_OK] = { "unreadable", SIGBUS }, // the disk failed
	[FAULT_NO_AREA] = { "unmapped", SIGSEGV },
	[FAULT_READ_ONLY] = { "read-only", SIGSEGV },
	[FAULT_NO_ACCESS] = { "forbidden", SIGSEGV },
	[FAULT_PAST_END] = { "past-the-file", SIGBUS },
};

// "write to read-only 0x1f40 (text), eip 0x112": access, rule, address, place.
static void
report_fault(const struct trapframe *tf, vaddr_t va, enum fault_rule rule)
{
	const char *place = mm_describe(proc_this()->mm, va);
	char who[WHO_SIZE];
	const char *access = tf->err & PF_W  ? "write to"
			     : va == tf->eip ? "jump to"
					     : "read of";

	printk("%s: %s %s 0x%x (%s), eip 0x%x\n", procinfo_who(who), access,
	       rules[rule].name, (uint)va, place, tf->eip);
}

static void
refused(struct trapframe *tf, vaddr_t va, enum fault_rule rule, int err)
{
	if (proc_killed())
		return; // the policy chose this one; trap() ends it
	report_fault(tf, va, rule);
	proc_exit(WAIT_KILLED(err == -ENOMEM ? SIGKILL : rules[rule].reason));
}

static void
page_fault(struct trapframe *tf)
{
	vaddr_t va = cr2_read();
	int access = tf->err & PF_W ? ACCESS_WRITE : ACCESS_READ;
	vaddr_t fixup = from_user(tf) ? 0 : uaccess_fixup(tf->eip);
	enum fault_rule rule = FAULT_OK;
	struct proc *p = proc_this();
	int err, tries = 0;

	// The kernel touches user memory in mm/uaccess only. Its own pages are
	// never absent, so any other fault is a bug.
	if (!p || !p->mm || (!from_user(tf) && !fixup))
		kernel_fault(tf, va);
	if (tf->eflags & FL_IF)
		sti();
	// Memory is not waited for with a mutex held: the process that is
	// killed to make room may be waiting for that mutex.
	do
		err = mm_fault(p->mm, va, access, &rule);
	while (err == -ENOMEM && !thread_this()->held &&
	       reclaim_for_fault(tries++));
	if (!err)
		return;
	if (fixup) {
		tf->eax = err;
		tf->eip = fixup;
		return;
	}
	refused(tf, va, rule, err);
}

static void
trap(struct trapframe *tf)
{
	if (tf->trapno == T_SYSCALL) {
		sti();
		syscall(tf);
	} else if (tf->trapno == T_PGFLT) {
		page_fault(tf);
	} else if (!irq_dispatch(tf->trapno)) {
		exception(tf);
	}
	sched_preempt();
	// Last of all: the thread may have been killed while others ran.
	if (proc_killed() && from_user(tf)) {
		sti();
		proc_leave();
	}
}

void
trap_init(void)
{
	idt_init(trap, report_nmi, report_double_fault);
	idt_load();
	irq_init();
	irq_init_cpu();
}
