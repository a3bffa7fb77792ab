// What each CPU has of its own: segments, task states, control registers, FPU.
//
// Each CPU has a GDT inside its struct cpu. All GDTs have the same layout: a
// selector means the same on every CPU, and only the bases differ.
//
//	slot       base            who uses it
//	KCODE/DATA 0               the kernel: flat
//	KCPU       &cpus[i]        the kernel's %fs
//	UCODE/DATA 0               programs: flat
//	UTLS       the thread's    programs' %gs, changed at every switch
//	TSS        &cpu->tss       holds the stack for an entry from user mode
//	DFTSS      &cpu->df_tss    the double fault's task
//	NMITSS     &cpu->nmi_tss   the NMI's task
//
// Invariant: cpu->cr3 == cpu->tss.cr3 == CR3, except inside cpu_load_cr3. A
// return from the NMI's task loads CR3 from the TSS, where the CPU does not
// save it (SDM vol. 3, 7.3). With an old value there, a thread would go on in
// the address space of another.
#include "x86/cpu.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "x86/trapasm.h"

#define TASK_STACK 4096

// Bits of CR0 that INIT leaves set and that turn the caches off (2.5).
#define CR0_NW 0x20000000
#define CR0_CD 0x40000000

// The hardware and the assembler files rely on these.
_Static_assert(offsetof(struct cpu, self) == 0, "cpu_this reads %fs:0");
_Static_assert(offsetof(struct cpu, thread) == 4, "thread_this reads %fs:4");
_Static_assert(sizeof(struct segdesc) == 8, "a descriptor has 8 bytes");
_Static_assert(sizeof(struct tss) == 104, "a 32-bit TSS has 104 bytes");
_Static_assert(sizeof(struct fpu_state) == 512, "fxsave writes 512 bytes");

struct cpu cpus[NCPU];
int ncpu = 1;
int ncpu_listed = 1;
struct cpu_features cpu_has;

#ifdef DEBUG // until kern/watchdog.c has its own
static void
no_watch(bool off)
{
}
void (*cpu_irq_watch)(bool off) = no_watch;
#endif

// The two tasks have stacks of their own, because the fault that they report
// may be that the ordinary stack is full.
static uint8_t task_stack[NCPU][2][TASK_STACK] __attribute__((aligned(16)));

// ---- Features --------------------------------------------------------------

// Reads CPUID leaf 1 and, where it exists, leaf 7 (SDM vol. 2, CPUID).
static void
find_features(void)
{
	uint32_t r[4], max;

	cpuid(0, r);
	max = r[0];
	cpuid(1, r);
	cpu_has.fpu = r[3] & 1u << 0;
	cpu_has.tsc = r[3] & 1u << 4;
	cpu_has.msr = r[3] & 1u << 5;
	cpu_has.apic = r[3] & 1u << 9;
	cpu_has.pge = r[3] & 1u << 13;
	cpu_has.fxsr = r[3] & 1u << 24;
	cpu_has.sse = r[3] & 1u << 25;
	if (max < 7)
		return;
	cpuid(7, r);
	cpu_has.smep = r[1] & 1u << 7;
	cpu_has.smap = r[1] & 1u << 20;
	cpu_has.umip = r[2] & 1u << 2;
}

// ---- Segments --------------------------------------------------------------

// A code or data segment of 4 GB that begins at base.
static struct segdesc
seg_flat(uint type, uint32_t base, uint dpl)
{
	return (struct segdesc){
		.limit_low = 0xFFFF,
		.limit_high = 0xF,
		.g = 1,
		.db = 1,
		.base_low = base & 0xFFFF,
		.base_mid = base >> 16 & 0xFF,
		.base_high = base >> 24,
		.type = type,
		.s = 1,
		.dpl = dpl,
		.p = 1,
	};
}

// A segment of `size` bytes. s = 0: a system segment, here a TSS.
static struct segdesc
seg_bytes(uint type, uint s, const void *base, uint size)
{
	struct segdesc d = seg_flat(type, (uint32_t)(vaddr_t)base, 0);

	d.limit_low = size - 1;
	d.limit_high = 0;
	d.g = 0;
	d.s = s;
	d.db = s;
	return d;
}

static void
fill_gdt(struct cpu *c)
{
	c->gdt[SEG_KCODE] = seg_flat(STA_X | STA_R, 0, 0);
	c->gdt[SEG_KDATA] = seg_flat(STA_W, 0, 0);
	c->gdt[SEG_KCPU] = seg_bytes(STA_W, 1, c, sizeof(*c));
	c->gdt[SEG_UCODE] = seg_flat(STA_X | STA_R, 0, DPL_USER);
	c->gdt[SEG_UDATA] = seg_flat(STA_W, 0, DPL_USER);
	c->gdt[SEG_UTLS] = seg_flat(STA_W, 0, DPL_USER);
	c->gdt[SEG_TSS] = seg_bytes(STS_T32A, 0, &c->tss, sizeof(c->tss));
}

// Loads c's GDT, and every segment register from it. Only a far jump loads %cs.
static void
load_segments(struct cpu *c)
{
	lgdt(c->gdt, sizeof(c->gdt));
	__asm__ volatile("ljmp %0, $1f\n1:\n\t"
			 "movw %w1, %%ds\n\t"
			 "movw %w1, %%es\n\t"
			 "movw %w1, %%ss\n\t"
			 "movw %w2, %%fs\n\t"
			 "movw %w3, %%gs\n\t"
			 "lldt %w3"
			 :
			 : "i"(SEL_KCODE), "r"(SEL_KDATA), "r"(SEL_KCPU), "r"(0)
			 : "memory");
	ltr(SEG_TSS << 3);
}

// Sets the registers that select how the CPU behaves (SDM vol. 3, 2.5).
static void
set_control_registers(void)
{
	uint32_t cr0 = cr0_read(), cr4 = cr4_read();

	cr0 &= ~(CR0_EM | CR0_NW | CR0_CD);
	cr0 |= CR0_WP | CR0_NE | CR0_MP | CR0_TS;
	if (!cpu_has.fpu)
		cr0 |= CR0_EM;
	cr4 |= (cpu_has.pge ? CR4_PGE : 0) | (cpu_has.smep ? CR4_SMEP : 0) |
	       (cpu_has.smap ? CR4_SMAP : 0) | (cpu_has.umip ? CR4_UMIP : 0) |
	       (cpu_has.fxsr ? CR4_OSFXSR : 0) |
	       (cpu_has.sse ? CR4_OSXMMEXCPT : 0);
	cr0_write(cr0);
	// An old CPU may not have these bits of CR4. Then the value is
	// unchanged, and is not written.
	if (cr4 != cr4_read())
		cr4_write(cr4);
}

void
cpu_init(struct cpu *c)
{
	assert(c == &cpus[c->index]);
	if (c->index == 0)
		find_features();
	c->self = c;
	c->cr3 = c->next_cr3 = c->tss.cr3 = cr3_read();
	c->tss.ss0 = SEL_KDATA;
	// An I/O map that begins at the segment's end permits no port at all.
	c->tss.iomap = sizeof(c->tss);
	fill_gdt(c);
	load_segments(c);
	set_control_registers();
}

void
cpu_irq_unpaired(void)
{
	assertf(0, "interrupts %s, irq_depth %d",
		eflags_read() & FL_IF ? "on" : "off", this_cpu->irq_depth);
}

void
cpu_set_tls(vaddr_t base)
{
	struct segdesc *d = &cpu_this()->gdt[SEG_UTLS];

	d->base_low = base & 0xFFFF;
	d->base_mid = base >> 16 & 0xFF;
	d->base_high = base >> 24;
}

// ---- Tasks for the NMI and the double fault --------------------------------

// Makes t a task that begins at eip in the kernel, on the stack that ends at
// top.
static void
fill_task(struct tss *t, vaddr_t eip, const uint8_t *top)
{
	memset(t, 0, sizeof(*t));
	t->cr3 = cr3_read();
	t->eip = eip;
	t->esp = (uint32_t)(vaddr_t)top;
	t->eflags = 2; // the bit that is always set; interrupts off
	t->cs = SEL_KCODE;
	t->ds = t->es = t->ss = SEL_KDATA;
	t->fs = SEL_KCPU;
	t->iomap = sizeof(*t);
}

// A task gate pushes the error code, which is 0, where df expects its return
// address: a backtrace ends there. nmi_task calls nmi, which it finds in %ebx.
void
cpu_task_gates(struct cpu *c, cpu_task nmi, cpu_task df)
{
	uint8_t(*stack)[TASK_STACK] = task_stack[c->index];

	fill_task(&c->df_tss, (vaddr_t)df, stack[0] + TASK_STACK);
	fill_task(&c->nmi_tss, (vaddr_t)nmi_task, stack[1] + TASK_STACK);
	c->nmi_tss.ebx = (vaddr_t)nmi;
	c->gdt[SEG_DFTSS] =
		seg_bytes(STS_T32A, 0, &c->df_tss, sizeof(c->df_tss));
	c->gdt[SEG_NMITSS] =
		seg_bytes(STS_T32A, 0, &c->nmi_tss, sizeof(c->nmi_tss));
}

void
cpu_stop(void)
{
	cli();
	for (;;)
		hlt(); // an NMI ends a hlt
}

// ---- Address spaces --------------------------------------------------------

// The order of the four stores matters, because other CPUs read next_cr3, then
// cr3 (cpu_uses_cr3). next_cr3 names the new space before this CPU can read an
// entry of it: else a flush would leave this CPU out. cr3 names the old space
// until the CPU has left it: else the old directory could be freed too early.
// An NMI between the second and the third store returns into the new space,
// which has the same kernel half.
void
cpu_load_cr3(uint32_t cr3)
{
	struct cpu *c = cpu_this();

	assert(!(eflags_read() & FL_IF));
	if (c->cr3 == cr3)
		return;
	c->next_cr3 = cr3;
	c->tss.cr3 = cr3;
	cr3_write(cr3);
	c->cr3 = cr3;
}

void
cpu_flush_tlb(void)
{
	cr3_write(cr3_read());
}

// ---- The FPU ---------------------------------------------------------------
//
// There are two formats: 512 bytes of fxsave, with SSE's registers (SDM vol. 1,
// 10.5.1), or 108 bytes of fnsave (8.1.10). In the first, byte 0 begins the
// control word and byte 24 MXCSR. In the second, byte 0 begins the control word
// and byte 8 the tag word, in which all ones mean that every register is empty.
#define FPU_CONTROL 0x037F // every exception masked, 64-bit precision
#define MXCSR_START 0x1F80 // every exception masked

static void
put32(struct fpu_state *s, uint at, uint32_t v)
{
	memcpy(s->raw + at, &v, sizeof(v));
}

void
cpu_fpu_init_state(struct fpu_state *s)
{
	memset(s, 0, sizeof(*s));
	if (cpu_has.fxsr) {
		put32(s, 0, FPU_CONTROL);
		put32(s, 24, MXCSR_START);
	} else {
		put32(s, 0, 0xFFFF0000 | FPU_CONTROL);
		put32(s, 4, 0xFFFF0000);
		put32(s, 8, 0xFFFFFFFF);
	}
}

// fnsave leaves the FPU empty. A return from the NMI's task sets TS, hence
// clts.
void
cpu_fpu_save(struct fpu_state *s)
{
	if (!cpu_has.fpu)
		return;
	clts();
	if (cpu_has.fxsr)
		__asm__ volatile("fxsave %0" : "=m"(*s));
	else
		__asm__ volatile("fnsave %0" : "=m"(*s));
}

// Unlike fxrstor, frstor first raises an exception that the former state left
// pending. fninit forgets that exception.
void
cpu_fpu_restore(const struct fpu_state *s)
{
	if (!cpu_has.fpu)
		return;
	if (cpu_has.fxsr)
		__asm__ volatile("fxrstor %0" : : "m"(*s));
	else
		__asm__ volatile("fninit; frstor %0" : : "m"(*s));
}

void
cpu_fpu_on(void)
{
	clts();
}

void
cpu_fpu_off(void)
{
	cr0_write(cr0_read() | CR0_TS);
}
