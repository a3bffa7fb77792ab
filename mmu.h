// Formats that the hardware defines: page tables, segments, gates, the TSS.
// Source: Intel SDM volume 3; the section stands beside each group.
#pragma once

// ---- Paging, 32-bit (SDM vol. 3, 4.3) --------------------------------------
//
//	 31        22 21        12 11             0
//	+------------+------------+----------------+
//	|    PDX     |    PTX     |     offset     |   a virtual address
//	+------------+------------+----------------+
//	      |            |
//	      |            +--> chooses a page table's entry: a page's frame
//	      +--> chooses the directory's entry: a table's frame
//
//	 31                     12 11  9 8 7 6 5 4 3 2 1 0
//	+------------------------+-----+-+-+-+-+-+-+-+-+-+
//	|      frame address     |avail|G|S|D|A|C|T|U|W|P|   an entry of either
//	+------------------------+-----+-+-+-+-+-+-+-+-+-+
#define PGSIZE    4096
#define NPDENTRIES 1024
#define NPTENTRIES 1024
#define PTXSHIFT  12
#define PDXSHIFT  22
#define PDXSIZE   0x400000 // bytes that one directory entry covers

#define PTE_P   0x001 // present: the other bits mean something to the MMU
#define PTE_W   0x002 // writable
#define PTE_U   0x004 // user mode may use it
#define PTE_PWT 0x008 // write-through
#define PTE_PCD 0x010 // not cached
#define PTE_A   0x020 // accessed: set by the MMU
#define PTE_D   0x040 // dirty: set by the MMU
#define PTE_PS  0x080 // in a directory entry: a 4 MB page, no table
#define PTE_G   0x100 // global: stays in the TLB when CR3 is loaded

#define PTE_ADDR(e)  ((e) & ~0xFFFu)
#define PTE_FLAGS(e) ((e) & 0xFFFu)

#define CR0_PE 0x00000001 // protected mode
#define CR0_MP 0x00000002 // `wait` traps too while TS is set
#define CR0_EM 0x00000004 // there is no FPU
#define CR0_TS 0x00000008 // the next FPU instruction traps (#NM)
#define CR0_NE 0x00000020 // FPU errors are exception 16
#define CR0_WP 0x00010000 // the kernel cannot write without W either
#define CR0_PG 0x80000000 // paging

#define CR4_PSE        0x00000010 // 4 MB pages
#define CR4_PGE        0x00000080 // global pages
#define CR4_OSFXSR     0x00000200 // fxsave, SSE
#define CR4_OSXMMEXCPT 0x00000400 // SSE errors are exception 19
#define CR4_UMIP       0x00000800 // sgdt and friends trap in user mode
#define CR4_SMEP       0x00100000 // the kernel cannot run user pages
#define CR4_SMAP       0x00200000 // nor access them, unless EFLAGS.AC

// Page-fault error code (SDM vol. 3, 4.7).
#define PF_P 1 // the entry was present: a rule was broken
#define PF_W 2 // a write
#define PF_U 4 // in user mode

// ---- EFLAGS (SDM vol. 3, 2.3) ----------------------------------------------
#define FL_TF   0x00000100
#define FL_IF   0x00000200
#define FL_DF   0x00000400
#define FL_VM   0x00020000 // virtual-8086 mode

// ---- Segments (SDM vol. 3, 3.4.5 and 3.5) ----------------------------------
// Slots of every CPU's GDT; a selector is slot * 8 + privilege.
#define SEG_KCODE 1 // kernel code, flat
#define SEG_KDATA 2 // kernel data and stack, flat
#define SEG_KCPU  3 // kernel %fs: this CPU's struct cpu
#define SEG_UCODE 4 // user code, flat
#define SEG_UDATA 5 // user data and stack, flat
#define SEG_UTLS  6 // user %gs: base of the running thread
#define SEG_TSS   7 // the TSS that holds the kernel stack
#define SEG_DFTSS 8 // the double fault's task
#define SEG_NMITSS 9 // the NMI's task
#define NSEGS     10

#define DPL_USER 3

#define SEL_KCODE (SEG_KCODE << 3)
#define SEL_KDATA (SEG_KDATA << 3)
#define SEL_KCPU  (SEG_KCPU << 3)
#define SEL_UCODE ((SEG_UCODE << 3) | DPL_USER)
#define SEL_UDATA ((SEG_UDATA << 3) | DPL_USER)
#define SEL_UTLS  ((SEG_UTLS << 3) | DPL_USER)

#define STA_X 0x8 // executable
#define STA_W 0x2 // writable (data)
#define STA_R 0x2 // readable (code)
#define STS_T32A 0x9 // available 32-bit TSS
#define STS_TG   0x5 // task gate
#define STS_IG32 0xE // 32-bit interrupt gate: clears IF

// Descriptors for GDTs in assembler: base 0, limit 4 GB, privilege 0.
#define SEG_FLAT_CODE 0x00CF9A000000FFFF
#define SEG_FLAT_DATA 0x00CF92000000FFFF

#ifndef __ASSEMBLER__
#include "lib/types.h"

typedef uint32_t pde_t;
typedef uint32_t pte_t;

#define PDX(va) (((uint32_t)(vaddr_t)(va) >> PDXSHIFT) & 0x3FF)
#define PTX(va) (((uint32_t)(vaddr_t)(va) >> PTXSHIFT) & 0x3FF)
#define PGADDR(d, t, o) ((vaddr_t)((d) << PDXSHIFT | (t) << PTXSHIFT | (o)))
#define PGROUNDUP(n)   (((n) + PGSIZE - 1) & ~(vaddr_t)(PGSIZE - 1))
#define PGROUNDDOWN(a) ((a) & ~(vaddr_t)(PGSIZE - 1))
#define PGOFFSET(a)    ((a) & (PGSIZE - 1))

// A segment descriptor (SDM vol. 3, 3.4.5).
struct segdesc {
	uint32_t limit_low : 16, base_low : 16;
	uint32_t base_mid : 8, type : 4, s : 1, dpl : 2, p : 1;
	uint32_t limit_high : 4, avl : 1, rsv : 1, db : 1, g : 1, base_high : 8;
};

// A gate of the IDT (SDM vol. 3, 6.11).
struct gatedesc {
	uint32_t off_low : 16, sel : 16;
	uint32_t zero : 8, type : 4, s : 1, dpl : 2, p : 1, off_high : 16;
};

// The task state (SDM vol. 3, 7.2.1). In the main TSS the CPU reads only
// ss0:esp0, at each entry from user mode. In the TSS of the double fault and of
// the NMI it reads every field.
struct tss {
	uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2;
	uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trap, iomap;
};
#endif
