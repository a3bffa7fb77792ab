// Interrupts: the IDT, the handlers, and the acknowledgement.
//
//	device: line -> I/O APIC or 8259 -> IRQ_BASE + line --+
//	local APIC: timer, error -> T_LTIMER, T_LERROR -------+
//	another CPU ---------------> IPI_... -----------------+
//	                                                      v
//	done <- handlers <- irq_dispatch <- trap.c <- x86/trapasm.S
//
// All CPUs share one IDT. Its task gates name slots of the GDT, and each CPU
// has a GDT of its own. So each CPU's NMI finds the task of that CPU.
//
// Handlers are registered by one CPU at a time, while the machine starts, and
// stay. A new handler is complete before it is linked in, so that an interrupt
// never sees half of it.
#include "x86/irq.h"
#include "abi/errno.h"
#include "abi/syscalls.h"
#include "lib/assert.h"
#include "x86/cpu.h"
#include "x86/ioapic.h"
#include "x86/lapic.h"
#include "x86/machine.h"
#include "x86/pic.h"
#include "x86/trapasm.h"
#include "x86/trapframe.h"

#define NHANDLER    24
#define VECTOR_BASE T_LTIMER // the first that irq_register_vector takes

_Static_assert(sizeof(struct gatedesc) == 8, "a gate has 8 bytes");
_Static_assert(offsetof(struct trapframe, fs) == 32, "pushal pushes 8");
_Static_assert(offsetof(struct trapframe, trapno) == 44, "then fs, es, ds");
_Static_assert(offsetof(struct trapframe, eip) == 52, "trapret drops two");
_Static_assert(sizeof(struct trapframe) == 72, "18 words");
_Static_assert(sizeof(struct context) == 20, "swtch pushes 4 and the eip");

struct handler {
	irq_handler fn;
	void *arg;
	struct handler *next;
};

static struct gatedesc idt[256];
static struct {
	cpu_task nmi, df;
} tasks; // [I]

static struct handler pool[NHANDLER];
static uint pool_used;
static struct handler *lines[ISA_LINES];
static struct handler vector_handlers[256 - VECTOR_BASE];

// ---- The IDT ---------------------------------------------------------------

static struct gatedesc
gate(uint type, uint16_t sel, uint32_t off, uint dpl)
{
	return (struct gatedesc){
		.off_low = off & 0xFFFF,
		.off_high = off >> 16,
		.sel = sel,
		.type = type,
		.dpl = dpl,
		.p = 1,
	};
}

// All are interrupt gates, which turn interrupts off: else a second fault could
// change CR2 before trap() has read it. Programs may call three of the vectors.
// A call of any other vector is a protection fault.
void
idt_init(void (*trap)(struct trapframe *), void (*nmi)(void), void (*df)(void))
{
	static const uint8_t for_users[] = { T_BRKPT, T_OFLOW, T_SYSCALL };

	for (uint i = 0; i < countof(idt); i++)
		idt[i] = gate(STS_IG32, SEL_KCODE, vectors[i], 0);
	for (uint i = 0; i < countof(for_users); i++)
		idt[for_users[i]].dpl = DPL_USER;
	idt[T_NMI] = gate(STS_TG, SEG_NMITSS << 3, 0, 0);
	idt[T_DBLFLT] = gate(STS_TG, SEG_DFTSS << 3, 0, 0);
	trap_handler = trap;
	tasks.nmi = nmi;
	tasks.df = df;
}

void
idt_load(void)
{
	cpu_task_gates(cpu_this(), tasks.nmi, tasks.df);
	lidt(idt, sizeof(idt));
}

// ---- Controllers -----------------------------------------------------------

// Some boards have a register IMCR. Its bit 0 gives the interrupt lines to the
// APICs (MP specification 3.6.2.1).
void
irq_init(void)
{
	pic_init();
	if (machine.lapic == 0)
		return;
	// On QEMU's isapc the BIOS's MP table has an I/O APIC, but the machine
	// has none.
	if (!ioapic_init(machine.ioapic, machine.ioapic_gsi)) {
		machine_forget();
		return;
	}
	if (machine.imcr) {
		outb(0x22, 0x70);
		outb(0x23, inb(0x23) | 1);
	}
	lapic_init(machine.lapic);
	irq_register_vector(T_LERROR, lapic_error, NULL);
	irq_init_cpu();
}

void
irq_init_cpu(void)
{
	if (lapic_present())
		lapic_init_cpu();
}

// ---- Handlers --------------------------------------------------------------

static int
line_enable(int line)
{
	if (lapic_present())
		return ioapic_enable(&machine.line[line], IRQ_BASE + line,
				     cpus[0].apic_id);
	pic_unmask(line);
	return 0;
}

// The handler is in the list before the line is unmasked, because the interrupt
// may come at once.
int
irq_register(int line, irq_handler fn, void *arg)
{
	struct handler *h;
	int err;

	if (line < 0 || line >= ISA_LINES)
		return -EINVAL;
	if (pool_used == NHANDLER)
		return -ENOMEM;
	h = &pool[pool_used];
	*h = (struct handler){ fn, arg, lines[line] };
	__atomic_store_n(&lines[line], h, __ATOMIC_RELEASE);
	err = line_enable(line);
	if (err) {
		lines[line] = h->next;
		return err;
	}
	pool_used++;
	return 0;
}

void
irq_register_vector(int vector, irq_handler fn, void *arg)
{
	struct handler *h = &vector_handlers[vector - VECTOR_BASE];

	assert(vector >= VECTOR_BASE && vector < T_SPURIOUS);
	assert(!h->fn || h->fn == fn);
	h->arg = arg;
	__atomic_store_n(&h->fn, fn, __ATOMIC_RELEASE);
}

// Acknowledges the line after its handlers: a level-triggered line that is
// still active would interrupt again at once.
static void
line_dispatch(int line)
{
	bool apic = lapic_present();

	if (!apic && pic_spurious(line))
		return;
	for (struct handler *h = lines[line]; h; h = h->next)
		h->fn(h->arg);
	if (apic)
		lapic_eoi();
	else
		pic_eoi(line);
}

// A vector without a handler is not expected. But it is acknowledged if it came
// from the local APIC: else this CPU would get no more interrupts of the same
// or a lower priority.
static bool
vector_dispatch(int vector)
{
	struct handler *h = NULL;

	if (vector == T_SPURIOUS)
		return true; // a spurious one is not acknowledged
	if (vector >= VECTOR_BASE)
		h = &vector_handlers[vector - VECTOR_BASE];
	if (h && h->fn)
		h->fn(h->arg);
	else if (!lapic_present() || !lapic_in_service(vector))
		return false;
	lapic_eoi();
	return true;
}

bool
irq_dispatch(int vector)
{
	bool known = true;

	if (vector < IRQ_BASE || vector == T_SYSCALL)
		return false;
	cpu_irq_watch(true);
	if (vector < IRQ_BASE + ISA_LINES)
		line_dispatch(vector - IRQ_BASE);
	else
		known = vector_dispatch(vector);
	cpu_irq_watch(false);
	return known;
}

// ---- To other CPUs ---------------------------------------------------------

void
irq_send(struct cpu *c, int vector)
{
	if (lapic_present())
		lapic_send(c->apic_id, LAPIC_IPI | vector);
}

// One by one: the command "all but me" would also reach CPUs that were never
// started, and these would run what the BIOS left at vector 2.
void
irq_send_nmi_others(void)
{
	if (!lapic_present())
		return;
	for (int i = 0; i < ncpu; i++)
		if (cpus[i].started && &cpus[i] != cpu_this())
			lapic_send(cpus[i].apic_id, LAPIC_NMI);
}
