// What each CPU has of its own: its data, its segments, its control registers.
// This module knows nothing of vm, threads or processes: CR3 values and
// pointers to threads are only kept and handed on.
//
// In the kernel %fs selects a segment (SEG_KCPU) whose base is this CPU's
// struct cpu, so that one instruction reads one of its fields. x86/trapasm.S
// loads %fs at every entry. The kernel does not use %gs: it is the user's.
#pragma once
#include "lib/assert.h"
#include "lib/types.h"
#include "mmu.h"
#include "memlayout.h"
#include "x86/insn.h"

#define NCPU 8 // CPUs that are used. More are counted, but stay asleep

struct thread;

// Letters: [I] constant after start-up, [o] this CPU only, [a] atomic.
struct cpu {
	struct cpu *self;         // [I] must be first: %fs:0
	struct thread *thread;    // [o] the running thread: %fs:4
	int index;                // [I] place in cpus[]
	uint apic_id;             // [I] the hardware's name for it, any value
	volatile uint32_t cr3;    // [o] its CR3; other CPUs read this
	volatile uint32_t next_cr3; // [o] what CR3 is about to be, else CR3
	volatile bool started;    // [a] its scheduler() runs
	int irq_depth;            // [o] cpu_irq_off calls not yet undone
	uint32_t irq_was_on;      // [o] EFLAGS before the first: was FL_IF set?
	uint32_t held;            // [o] ranks of spinlocks held (kern/lock.h)
	volatile bool resched;    // [o] to look for another thread soon
	bool fpu_live;            // [o] the FPU holds the thread's state
	struct thread *idle;      // [I] runs when nothing else can
	struct segdesc gdt[NSEGS]; // [I] except SEG_UTLS
	struct tss tss;           // [I] except esp0 and cr3
	struct tss df_tss, nmi_tss; // [I] tasks on stacks of their own
};

extern struct cpu cpus[NCPU];
extern int ncpu;       // [I] CPUs that cpus[] describes: what the tables list
extern int ncpu_listed; // [I] usable CPUs in the tables, even beyond NCPU

#ifndef __SEG_FS // only sparse, and a host that never runs this, lack it
#define __seg_fs
#endif
// This CPU's struct cpu, for a single field: a read of this_cpu->held is one
// instruction, with %fs in its address. So the answer is right for the CPU that
// runs it, even if the thread is moved to another CPU before and after.
#define this_cpu ((__seg_fs struct cpu *)0)

static __always_inline struct cpu *
cpu_this(void)
{
	return this_cpu->self;
}

static __always_inline struct thread *
thread_this(void)
{
	return this_cpu->thread;
}

// What CPUID offers, the same for all CPUs. Set by the first cpu_init.
struct cpu_features {
	bool fpu, tsc, msr, apic, pge, fxsr, sse, smep, smap, umip;
};
extern struct cpu_features cpu_has;

// Fills c's GDT and TSS, loads them on the calling CPU, and makes c its struct
// cpu. Sets in CR0: WP, NE, MP, TS, and EM if there is no FPU. Sets in CR4 what
// CPUID offers of PGE, SMEP, SMAP, UMIP, OSFXSR, OSXMMEXCPT. cpu_this() works
// from here on. Call once on each CPU, with interrupts off and c->index set.
void cpu_init(struct cpu *c);

// Makes the tasks of CPU c that run nmi() and df() on stacks of their own, when
// the IDT's vectors 2 (NMI) and 8 (double fault) name them (SDM vol. 3, 7.3).
// df must not return. When nmi returns, the interrupted code goes on. For
// idt_load.
typedef void (*cpu_task)(void);
void cpu_task_gates(struct cpu *c, cpu_task nmi, cpu_task df);

__noreturn void cpu_irq_unpaired(void); // panics, for cpu_irq_on

// For kern/watchdog.c, in kernels with DEBUG=1: is called with true when
// interrupts have gone off, and with false before they come on.
#ifdef DEBUG
extern void (*cpu_irq_watch)(bool off);
#else
#define cpu_irq_watch(off) ((void)0)
#endif

// Turns interrupts off, and counts: as many cpu_irq_on as cpu_irq_off bring
// back the state before the first. cpu_irq_on asserts that they are paired.
static __always_inline void
cpu_irq_off(void)
{
	int depth = this_cpu->irq_depth;
	uint32_t flags;

	// If the depth is 0 the thread may be moved here, to a CPU where it is
	// 0 too. Else interrupts are off already, and the thread stays.
	if (likely(depth == 0)) {
		flags = eflags_read();
		cli();
		this_cpu->irq_was_on = flags;
		if (flags & FL_IF)
			cpu_irq_watch(true);
	}
	this_cpu->irq_depth = depth + 1;
}

static __always_inline void
cpu_irq_on(void)
{
	int depth = this_cpu->irq_depth - 1;

	if (unlikely(depth < 0 || eflags_read() & FL_IF))
		cpu_irq_unpaired();
	this_cpu->irq_depth = depth;
	if (depth == 0 && this_cpu->irq_was_on & FL_IF) {
		cpu_irq_watch(false);
		sti();
	}
}

// Loads CR3 with the physical address of a page directory, unless it holds that
// already. Call with interrupts off.
void cpu_load_cr3(uint32_t cr3);
// May c use translations of the directory at cr3, now or from its next
// instruction on? If not, this CPU's earlier changes of the directory are seen
// by c when it comes to the directory, and c has left it if it was there.
static inline bool
cpu_uses_cr3(const struct cpu *c, uint32_t cr3)
{
	return c->next_cr3 == cr3 || c->cr3 == cr3;
}
// Loads the same CR3 again: the CPU forgets its translations, except global
// ones.
void cpu_flush_tlb(void);

// Sets the stack on which the next entry from user mode begins.
static __always_inline void
cpu_set_kstack(vaddr_t top)
{
	cpu_this()->tss.esp0 = top;
}

// Sets the base of the user's SEG_UTLS. The CPU reads it when %gs is loaded
// next.
void cpu_set_tls(vaddr_t base);

// The FPU's state, in fxsave's format if the CPU has FXSR, else in fnsave's.
// cpu_fpu_off sets TS: the next FPU instruction raises #NM (trap 7). See
// kern/fpu.h.
struct fpu_state {
	uint8_t raw[512];
} __attribute__((aligned(16)));
void cpu_fpu_init_state(struct fpu_state *s); // as after fninit, MXCSR 0x1F80
// What the FPU holds after cpu_fpu_save is undefined: turn it off, or restore.
void cpu_fpu_save(struct fpu_state *s);
void cpu_fpu_restore(const struct fpu_state *s);
void cpu_fpu_on(void);
void cpu_fpu_off(void);

// Opens and closes user pages for the kernel, if the CPU has SMAP.
static __always_inline void
cpu_user_open(void)
{
	if (cpu_has.smap)
		__asm__ volatile(".byte 0x0F,0x01,0xCB" : : : "memory"); // stac
}

static __always_inline void
cpu_user_close(void)
{
	if (cpu_has.smap)
		__asm__ volatile(".byte 0x0F,0x01,0xCA" : : : "memory"); // clac
}

// Halts this CPU for ever, with interrupts off.
__noreturn void cpu_stop(void);
