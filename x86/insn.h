// One inline function per instruction that C cannot say.
//
// "memory" stands among the clobbers where the compiler must not move loads and
// stores across: around changes of IF, of CR3, of what a port or an MSR does.
#pragma once
#include "lib/types.h"

static inline uint8_t
inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t
inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t
inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void
outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void
outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void
outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

// n 16-bit words from a port to memory, and back.
static inline void
insw(uint16_t port, void *dst, uint n)
{
	__asm__ volatile("rep insw"
			 : "+D"(dst), "+c"(n)
			 : "d"(port)
			 : "memory");
}

static inline void
outsw(uint16_t port, const void *src, uint n)
{
	__asm__ volatile("rep outsw"
			 : "+S"(src), "+c"(n)
			 : "d"(port)
			 : "memory");
}

static inline void
cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline void
sti(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void
hlt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

// Enables interrupts and halts with no gap between: sti holds interrupts off
// for one more instruction (SDM vol. 2, STI), so a wakeup cannot be missed.
static inline void
sti_hlt(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

// In a loop that waits for another CPU: lets it have the bus, or the emulator.
static inline void
cpu_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline uint32_t
eflags_read(void)
{
	uint32_t v;

	__asm__ volatile("pushfl; popl %0" : "=r"(v));
	return v;
}

static inline void
eflags_write(uint32_t v)
{
	__asm__ volatile("pushl %0; popfl" : : "r"(v) : "memory", "cc");
}

#define CR_ACCESS(cr)                                                          \
	static inline uint32_t cr##_read(void)                                 \
	{                                                                      \
		uint32_t v;                                                    \
                                                                               \
		__asm__ volatile("movl %%" #cr ", %0" : "=r"(v) : : "memory"); \
		return v;                                                      \
	}                                                                      \
	static inline void cr##_write(uint32_t v)                              \
	{                                                                      \
		__asm__ volatile("movl %0, %%" #cr : : "r"(v) : "memory");     \
	}
CR_ACCESS(cr0)
CR_ACCESS(cr2)
CR_ACCESS(cr3)
CR_ACCESS(cr4)
#undef CR_ACCESS

// Forgets the translation of va on this CPU, a global one too.
static inline void
invlpg(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void
cpuid(uint32_t leaf, uint32_t r[4]) // eax, ebx, ecx, edx
{
	__asm__ volatile("cpuid"
			 : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(0));
}

// Model-specific registers; only where CPUID says that there are any.
static inline uint64_t
rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void
wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
			 : "memory");
}

// Cycles since the CPU's reset; other CPUs' counters may differ a little.
static inline uint64_t
rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

// Stores v and returns what stood there, in one step on all CPUs.
static inline uint32_t
xchg(volatile uint32_t *p, uint32_t v)
{
	__asm__ volatile("xchgl %0, %1" : "+m"(*p), "+r"(v) : : "memory");
	return v;
}

// The user's: the kernel saves and restores it at a switch, and uses it never.
static inline uint16_t
gs_read(void)
{
	uint16_t v;

	__asm__ volatile("movw %%gs, %0" : "=r"(v));
	return v;
}

static inline void
gs_write(uint16_t v)
{
	__asm__ volatile("movw %0, %%gs" : : "r"(v));
}

static inline uint32_t
ebp_read(void)
{
	uint32_t v;

	__asm__ volatile("movl %%ebp, %0" : "=r"(v));
	return v;
}

// Clears CR0.TS: FPU instructions work.
static inline void
clts(void)
{
	__asm__ volatile("clts");
}

// The operand of lgdt and lidt (SDM vol. 3, 2.4.1): the last valid byte's
// offset and where the table stands.
struct table_ptr {
	uint16_t limit;
	uint32_t base;
} __packed;

static inline void
lgdt(const void *table, uint16_t size)
{
	struct table_ptr p = { size - 1, (uint32_t)(vaddr_t)table };

	__asm__ volatile("lgdt %0" : : "m"(p) : "memory");
}

static inline void
lidt(const void *table, uint16_t size)
{
	struct table_ptr p = { size - 1, (uint32_t)(vaddr_t)table };

	__asm__ volatile("lidt %0" : : "m"(p) : "memory");
}

// Names the TSS that the CPU uses; marks its descriptor busy, so that a second
// ltr of the same one faults.
static inline void
ltr(uint16_t selector)
{
	__asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}
