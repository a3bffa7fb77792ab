// An inline function for each instruction that C has no words for.
//
// The clobber "memory" forbids the compiler to move loads and stores across the
// instruction: where IF or CR3 changes, or where the instruction itself reads
// or writes memory.
#pragma once
#include "lib/types.h"

static __always_inline uint8_t
inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static __always_inline uint16_t
inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static __always_inline uint32_t
inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static __always_inline void
outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static __always_inline void
outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static __always_inline void
outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

// n 16-bit words from a port to memory, and back.
static __always_inline void
insw(uint16_t port, void *dst, uint n)
{
	__asm__ volatile("rep insw"
			 : "+D"(dst), "+c"(n)
			 : "d"(port)
			 : "memory");
}

static __always_inline void
outsw(uint16_t port, const void *src, uint n)
{
	__asm__ volatile("rep outsw"
			 : "+S"(src), "+c"(n)
			 : "d"(port)
			 : "memory");
}

static __always_inline void
cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static __always_inline void
sti(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static __always_inline void
hlt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

// Enables interrupts and halts, with no gap between: sti keeps interrupts off
// for one more instruction (SDM vol. 2, STI). So an interrupt ends the hlt.
static __always_inline void
sti_hlt(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

// For a loop that waits for another CPU: leaves more of the bus, or of the
// emulator's time, to that CPU.
static __always_inline void
cpu_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static __always_inline uint32_t
eflags_read(void)
{
	uint32_t v;

	__asm__ volatile("pushfl; popl %0" : "=r"(v));
	return v;
}

static __always_inline void
eflags_write(uint32_t v)
{
	__asm__ volatile("pushl %0; popfl" : : "r"(v) : "memory", "cc");
}

#define CR_ACCESS(cr)                                                          \
	static __always_inline uint32_t cr##_read(void)                        \
	{                                                                      \
		uint32_t v;                                                    \
                                                                               \
		__asm__ volatile("movl %%" #cr ", %0" : "=r"(v) : : "memory"); \
		return v;                                                      \
	}                                                                      \
	static __always_inline void cr##_write(uint32_t v)                     \
	{                                                                      \
		__asm__ volatile("movl %0, %%" #cr : : "r"(v) : "memory");     \
	}
CR_ACCESS(cr0)
CR_ACCESS(cr2)
CR_ACCESS(cr3)
CR_ACCESS(cr4)
#undef CR_ACCESS

// Makes this CPU forget the translation of va, even if it is global.
static __always_inline void
invlpg(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static __always_inline void
cpuid(uint32_t leaf, uint32_t r[4]) // eax, ebx, ecx, edx
{
	__asm__ volatile("cpuid"
			 : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(0));
}

// Model-specific registers. Only if CPUID says that there are any.
static __always_inline uint64_t
rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static __always_inline void
wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
			 : "memory");
}

// Cycles since the CPU's reset. The counters of two CPUs may differ a little.
static __always_inline uint64_t
rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

// Stores v and returns the old value, in one step that no other CPU can divide.
static __always_inline uint32_t
xchg(volatile uint32_t *p, uint32_t v)
{
	__asm__ volatile("xchgl %0, %1" : "+m"(*p), "+r"(v) : : "memory");
	return v;
}

// %gs belongs to the user. The kernel only saves and restores it at a switch.
static __always_inline uint16_t
gs_read(void)
{
	uint16_t v;

	__asm__ volatile("movw %%gs, %0" : "=r"(v));
	return v;
}

static __always_inline void
gs_write(uint16_t v)
{
	__asm__ volatile("movw %0, %%gs" : : "r"(v));
}

static __always_inline uint32_t
ebp_read(void)
{
	uint32_t v;

	__asm__ volatile("movl %%ebp, %0" : "=r"(v));
	return v;
}

// Clears CR0.TS, so that FPU instructions work.
static __always_inline void
clts(void)
{
	__asm__ volatile("clts");
}

// The operand of lgdt and lidt (SDM vol. 3, 2.4.1): the offset of the table's
// last byte, and the table's address.
struct table_ptr {
	uint16_t limit;
	uint32_t base;
} __packed;

static __always_inline void
lgdt(const void *table, uint16_t size)
{
	struct table_ptr p = { size - 1, (uint32_t)(vaddr_t)table };

	__asm__ volatile("lgdt %0" : : "m"(p) : "memory");
}

static __always_inline void
lidt(const void *table, uint16_t size)
{
	struct table_ptr p = { size - 1, (uint32_t)(vaddr_t)table };

	__asm__ volatile("lidt %0" : : "m"(p) : "memory");
}

// Tells the CPU which TSS to use. Marks its descriptor busy: a second ltr of
// the same selector faults.
static __always_inline void
ltr(uint16_t selector)
{
	__asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}
