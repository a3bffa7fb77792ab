// SVM on each CPU, and the control block of a guest.
//
// Each CPU has two pages: one in which VMRUN keeps the host's state, and one
// for what VMSAVE saves of it. A CPU turns SVM on when it runs a guest for the
// first time.
#include "hv/svm.h"
#include "abi/errno.h"
#include "abi/traps.h"
#include "kalloc.h"
#include "lib/string.h"
#include "x86/cpu.h"

#define MSR_EFER   0xC0000080u
#define MSR_VM_CR  0xC0010114u
#define MSR_HSAVE  0xC0010117u
#define EFER_SVME  (1u << 12)
#define VM_CR_OFF  (1u << 4) // the firmware has locked SVM off

#define IO_PAGES   3 // 65,536 ports and 3 more bits
#define MSR_PAGES  2

void svm_switch(paddr_t vmcb, struct svm_regs *regs, paddr_t host);

// Letters: [I] constant after svm_prepare, [o] this CPU only.
static struct svm_cpu {
	void *hsave, *host; // [I]
	bool on;            // [o]
	const void *last;   // [o] the guest that ran here last
} svm_cpus[NCPU];

// All ports and all MSRs are intercepted, of every guest: all bits are set.
static uint8_t io_map[IO_PAGES * PGSIZE] __attribute__((aligned(PGSIZE)));
static uint8_t msr_map[MSR_PAGES * PGSIZE] __attribute__((aligned(PGSIZE)));

_Static_assert(sizeof(struct vmcb) == PGSIZE, "a VMCB is a page");
_Static_assert(offsetof(struct vmcb, io_map) == 0x40, "APM appendix B");
_Static_assert(offsetof(struct vmcb, virq) == 0x60, "APM appendix B");
_Static_assert(offsetof(struct vmcb, exitcode) == 0x70, "APM appendix B");
_Static_assert(offsetof(struct vmcb, event) == 0xA8, "APM appendix B");
_Static_assert(offsetof(struct vmcb, tr) == 0x490, "APM appendix B");
_Static_assert(offsetof(struct vmcb, efer) == 0x4D0, "APM appendix B");
_Static_assert(offsetof(struct vmcb, rip) == 0x578, "APM appendix B");
_Static_assert(offsetof(struct vmcb, cr2) == 0x640, "APM appendix B");

bool
svm_present(void)
{
	uint32_t r[4];

	cpuid(0x80000000, r);
	if (!cpu_has.msr || r[0] < 0x8000000A)
		return false;
	cpuid(0x80000001, r);
	return r[2] & 1u << 2 && !(rdmsr(MSR_VM_CR) & VM_CR_OFF);
}

static bool
page_once(void **page)
{
	if (!*page)
		*page = kalloc_zero();
	return *page;
}

int
svm_prepare(void)
{
	if (!svm_present())
		return -ENODEV;
	for (int i = 0; i < ncpu; i++)
		if (!page_once(&svm_cpus[i].hsave) ||
		    !page_once(&svm_cpus[i].host))
			return -ENOMEM;
	memset(io_map, 0xFF, sizeof(io_map));
	memset(msr_map, 0xFF, sizeof(msr_map));
	return 0;
}

static struct vmcb_seg
flat(uint selector, uint attrib)
{
	return (struct vmcb_seg){ selector, attrib, 0xFFFFFFFF, 0 };
}

// What a multiboot kernel expects: flat segments, protected mode, no paging.
static void
start_state(struct vmcb *v)
{
	v->cs = flat(0x08, 0xC9B); // code: present, readable, 32-bit, 4 GB
	v->ds = flat(0x10, 0xC93); // data: present, writable
	v->es = v->ss = v->fs = v->gs = v->ds;
	v->ldtr = flat(0, 0x82);
	v->tr = flat(0, 0x8B);
	v->gdtr.limit = v->idtr.limit = 0;
	v->efer = EFER_SVME; // VMRUN asks for it
	v->dr6 = 0xFFFF0FF0;
	v->dr7 = 0x400;
	v->rflags = 2;
	v->pat = 0x0007040600070406;
}

struct vmcb *
svm_new(void)
{
	struct vmcb *v = kalloc_zero();

	if (!v)
		return NULL;
	v->cr_reads = v->cr_writes = 1 << 0 | 1 << 3 | 1 << 4 | 1 << 8;
	v->dr_reads = v->dr_writes = 0xFFFF;
	v->exceptions = 1u << T_PGFLT | 1u << T_DEVICE;
	v->intercepts = ICEPT_INTR | ICEPT_NMI | ICEPT_SMI | ICEPT_INIT |
			ICEPT_CPUID | ICEPT_RSM | ICEPT_INVD | ICEPT_HLT |
			ICEPT_INVLPG | ICEPT_INVLPGA | ICEPT_IO | ICEPT_MSR |
			ICEPT_TASK | ICEPT_FERR | ICEPT_SHUTDOWN;
	v->more_intercepts = ICEPT_SVM;
	v->io_map = V2P(io_map);
	v->msr_map = V2P(msr_map);
	v->asid = ASID_GUEST;
	v->virq = VIRQ_MASKING;
	start_state(v);
	return v;
}

// All guests have the same ASID. So a CPU forgets translations when another
// guest ran here, and when this guest ran elsewhere meanwhile.
void
svm_run(struct vmcb *v, struct svm_regs *regs, const void *owner, bool fresh)
{
	struct svm_cpu *c = &svm_cpus[cpu_this()->index];

	assert(!(eflags_read() & FL_IF));
	if (!c->on) {
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
		wrmsr(MSR_HSAVE, V2P(c->hsave));
		c->on = true;
	}
	v->tlb_control = fresh || c->last != owner;
	c->last = owner;
	cpu_irq_watch(false); // an interrupt ends the guest's run at once
	svm_switch(V2P(v), regs, V2P(c->host));
	cpu_irq_watch(true);
}
