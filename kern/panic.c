// The kernel's last words: panic, failed assertions, double faults, NMIs, and
// the backtrace and the symbol names in them.
//
// A frame of a function compiled with a frame pointer:
//
//	ebp + 4   return address
//	ebp       the caller's ebp   (a larger address: stacks grow down)
#include "kern/panic.h"
#include "kern/lock.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "memlayout.h"
#include "x86/cpu.h"
#include "x86/irq.h"
#include "x86/power.h"

const char *(*printk_whoami)(void);

// ---- Symbols: a table that tools/ksyms.pl makes of the kernel's own --------

// Weak, because the first of the kernel's two links has no such table.
extern const uint32_t ksyms[] __attribute__((weak));
extern const char ksym_names[] __attribute__((weak));
extern const uint32_t ksym_count __attribute__((weak));
extern const char etext[];

static const char *
symbol_name(uint n)
{
	const char *s = ksym_names;

	while (n-- > 0)
		s += strlen(s) + 1;
	return s;
}

char *
symbol(vaddr_t va, char *buf, size_t size)
{
	uint low = 0, high = &ksym_count ? ksym_count : 0, mid;

	// Invariant: ksyms[low] <= va < ksyms[high], as far as they exist.
	while (high - low > 1) {
		mid = (low + high) / 2;
		if (ksyms[mid] <= va)
			low = mid;
		else
			high = mid;
	}
	if (high == 0 || va < ksyms[low] || va >= (vaddr_t)etext)
		snprintf(buf, size, "0x%08x", (uint)va);
	else
		snprintf(buf, size, "%s+0x%x", symbol_name(low),
			 (uint)(va - ksyms[low]));
	return buf;
}

#define MAX_FRAMES 24
#define MAX_FRAME  8192 // bytes: a larger step is no frame of one stack

void
backtrace(vaddr_t ebp)
{
	char name[64];
	vaddr_t *frame;

	for (int i = 0; i < MAX_FRAMES; i++) {
		if (ebp < KERNBASE || ebp % 4 != 0)
			return;
		frame = (vaddr_t *)ebp;
		if (frame[1] < KERNBASE)
			return;
		// The call is before the address that it returns to. After the
		// last call of a function, that is the next function.
		printk("  %08x %s\n", (uint)frame[1],
		       symbol(frame[1] - 1, name, sizeof(name)));
		if (frame[0] <= ebp || frame[0] - ebp > MAX_FRAME)
			return;
		ebp = frame[0];
	}
}

// ---- Panic -----------------------------------------------------------------

// The first CPU that panics goes on alone. The other CPUs stop, here or by NMI.
static void
begin_panic(void)
{
	static volatile uint32_t taken;

	cli();
	if (xchg(&taken, 1))
		cpu_stop();
	panicked = true;
	irq_send_nmi_others();
}

__noreturn static void
end_panic(void)
{
	power_test_exit(2);
	cpu_stop();
}

static void
print_where(void)
{
	printk("cpu %d, %s\n", cpu_this()->index,
	       printk_whoami ? printk_whoami() : "starting");
}

// The rest of the report. ebp: where the backtrace begins.
__noreturn __printf(2, 0) static void explain(vaddr_t ebp, const char *fmt,
					      va_list ap)
{
	vprintk(fmt, ap);
	printk("\n");
	print_where();
	backtrace(ebp);
	end_panic();
}

void
panic(const char *fmt, ...)
{
	va_list ap;

	begin_panic();
	printk("\npanic: ");
	va_start(ap, fmt);
	explain(ebp_read(), fmt, ap);
}

// The backtrace begins with the frame of assert_fail, which called this: the
// first line names the function whose assertion failed.
__printf(4, 0) static void assertion_failed(const char *cond, const char *file,
					    int line, const char *fmt,
					    va_list ap)
{
	begin_panic();
	printk("\npanic: %s:%d: assert(%s) failed ", file, line, cond);
	explain(*(vaddr_t *)ebp_read(), fmt, ap);
}

void
panic_init(void)
{
	assert_report_to(assertion_failed);
}

// ---- The two tasks ---------------------------------------------------------

static bool
in_guard_page(vaddr_t esp)
{
	return esp >= KSTACKS && esp < PTWINDOW &&
	       (esp - KSTACKS) % KSTACK_SLOT < PGSIZE;
}

// A push to the guard page faults. The CPU then pushes that fault's frame,
// which faults again: a double fault. esp then still points just above the
// guard page.
static bool
overflowed(vaddr_t esp)
{
	return in_guard_page(esp) || in_guard_page(esp - 64);
}

void
report_double_fault(void)
{
	const struct tss *t = &cpu_this()->tss;
	char name[64];

	begin_panic();
	printk("\npanic: double fault: %s\n",
	       overflowed(t->esp) ? "kernel stack overflow"
				  : "a fault while a fault was delivered");
	printk("eip %08x %s esp %08x ebp %08x cr2 %08x cr3 %08x eflags %08x\n",
	       t->eip, symbol(t->eip, name, sizeof(name)), t->esp, t->ebp,
	       cr2_read(), t->cr3, t->eflags);
	print_where();
	// The frame pointer is followed only inside the stack that overflowed.
	if (t->ebp >= t->esp && t->ebp - t->esp < MAX_FRAME)
		backtrace(t->ebp);
	end_panic();
}

void
report_nmi(void)
{
	const struct tss *t = &cpu_this()->tss;
	char name[64];

	if (panicked)
		cpu_stop();
	printk("NMI on cpu %d at eip %08x %s esp %08x\n", cpu_this()->index,
	       t->eip, symbol(t->eip, name, sizeof(name)), t->esp);
}
