// The processor's help for a hypervisor: AMD's SVM (APM vol. 2, chapter 15).
// The processor runs a guest until the guest does something that the VMCB asks
// to intercept, and then returns to the host with the reason.
#pragma once
#include "lib/types.h"

// A segment register with its hidden part.
struct vmcb_seg {
	uint16_t selector, attrib;
	uint32_t limit;
	uint64_t base;
};

// The VM control block: a page, by physical address (APM vol. 2, appendix B).
struct vmcb {
	uint16_t cr_reads, cr_writes;   // intercepts: bit n for CRn
	uint16_t dr_reads, dr_writes;
	uint32_t exceptions;            // bit n for vector n
	uint32_t intercepts, more_intercepts;
	uint8_t pad1[0x40 - 0x14];
	uint64_t io_map, msr_map;       // physical: a bit for each port, MSR
	uint64_t tsc_offset;
	uint32_t asid;
	uint8_t tlb_control;            // 1: forget all translations
	uint8_t pad2[3];
	uint32_t virq;                  // VIRQ_...
	uint32_t virq_vector;
	uint64_t shadow;                // bit 0: interrupts wait one more
		// instruction (after sti, mov ss)
	uint64_t exitcode;
	uint64_t info1, info2;          // about the exit
	uint64_t exit_event;            // what was being delivered at the exit
	uint64_t nested;                // nested paging: off
	uint8_t pad3[0xA8 - 0x98];
	uint64_t event;                 // what to deliver at entry: EVENT_...
	uint8_t pad4[0x400 - 0xB0];
	struct vmcb_seg es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t pad5[0x4CB - 0x4A0];
	uint8_t cpl;
	uint8_t pad6[4];
	uint64_t efer;
	uint8_t pad7[0x548 - 0x4D8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t pad8[0x5D8 - 0x580];
	uint64_t rsp;
	uint8_t pad9[0x5F8 - 0x5E0];
	uint64_t rax;
	uint8_t pad10[0x640 - 0x600];
	uint64_t cr2;
	uint8_t pad11[0x668 - 0x648];
	uint64_t pat;
	uint8_t pad12[0x1000 - 0x670];
} __packed;

// intercepts (15.9): what a guest must not do by itself.
#define ICEPT_INTR     (1u << 0)
#define ICEPT_NMI      (1u << 1)
#define ICEPT_SMI      (1u << 2)
#define ICEPT_INIT     (1u << 3)
#define ICEPT_VINTR    (1u << 4)
#define ICEPT_CPUID    (1u << 18)
#define ICEPT_RSM      (1u << 19)
#define ICEPT_INVD     (1u << 22)
#define ICEPT_HLT      (1u << 24)
#define ICEPT_INVLPG   (1u << 25)
#define ICEPT_INVLPGA  (1u << 26)
#define ICEPT_IO       (1u << 27)
#define ICEPT_MSR      (1u << 28)
#define ICEPT_TASK     (1u << 29)
#define ICEPT_FERR     (1u << 30)
#define ICEPT_SHUTDOWN (1u << 31)
// more_intercepts: VMRUN, VMMCALL, VMLOAD, VMSAVE, STGI, CLGI, SKINIT (bits 0
// to 6), WBINVD (9), MONITOR, MWAIT, MWAIT if armed (10 to 12).
#define ICEPT_SVM      0x1E7Fu

#define VIRQ_PENDING (1u << 8)
#define VIRQ_NO_TPR  (1u << 20)
#define VIRQ_MASKING (1u << 24) // the guest's IF does not keep the host's out

#define EVENT_VALID (1u << 31)
#define EVENT_CODE  (1u << 11) // the event has an error code
#define EVENT_FAULT (3u << 8)  // an exception; 0: an interrupt, 4: int n
#define EVENT_TYPE  (7u << 8)

#define ASID_GUEST 1

// Exit codes (appendix C).
#define EXIT_CR_READ   0x00 // + n
#define EXIT_CR_WRITE  0x10
#define EXIT_DR_READ   0x20
#define EXIT_DR_LAST   0x3F
#define EXIT_EXCEPTION 0x40 // + vector
#define EXIT_INTR      0x60
#define EXIT_NMI       0x61
#define EXIT_SMI       0x62
#define EXIT_INIT      0x63
#define EXIT_VINTR     0x64
#define EXIT_CPUID     0x72
#define EXIT_INVD      0x76
#define EXIT_HLT       0x78
#define EXIT_INVLPG    0x79
#define EXIT_INVLPGA   0x7A
#define EXIT_IO        0x7B
#define EXIT_MSR       0x7C
#define EXIT_SHUTDOWN  0x7F
#define EXIT_SVM_FIRST 0x80 // VMRUN ... SKINIT
#define EXIT_SVM_LAST  0x86
#define EXIT_WBINVD    0x89
#define EXIT_MONITOR   0x8A
#define EXIT_MWAIT_LAST 0x8C

// info1 of EXIT_IO (15.10.2).
#define IO_IN      1u
#define IO_STRING  (1u << 2)
#define IO_REP     (1u << 3)
#define IO_SIZE(i) ((i) >> 4 & 7) // 1, 2, 4

// The registers that VMRUN neither loads nor saves. svmrun.S knows the order.
struct svm_regs {
	uint32_t ebx, ecx, edx, esi, edi, ebp;
};

// Does every CPU offer SVM, and does the firmware allow it?
bool svm_present(void);
// Makes the pages that each CPU needs, once. 0; -ENODEV (no SVM), -ENOMEM.
int svm_prepare(void) __must_check;
// A control block that intercepts all that a guest must not do by itself, or
// NULL. kfree frees it.
struct vmcb *svm_new(void);
// Runs the guest of v until it exits. Interrupts are off, and stay so; one that
// comes ends the run (EXIT_INTR), and is taken when they are on again. `fresh`:
// this CPU must forget translations of the guest that it may have.
void svm_run(struct vmcb *v, struct svm_regs *regs, const void *owner,
	     bool fresh);
