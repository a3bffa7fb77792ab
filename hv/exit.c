// Why a guest's processor stopped, and what is done about it. A row of `exits`
// is a range of the processor's exit codes.
#include "abi/errno.h"
#include "abi/traps.h"
#include "hv/exit.h"
#include "hv/port.h"
#include "kern/fpu.h"
#include "kern/sched.h"
#include "lib/string.h"
#include "x86/cpu.h"

// ---- Instructions ----------------------------------------------------------

// The instruction at which the guest stopped. 0, 1 (none that is known here),
// or an error.
static int
this_insn(struct guest *g, struct guest_exit *x, struct insn *in)
{
	uint32_t regs[REG_COUNT];
	uint8_t bytes[INSN_MAX];
	int n = guest_fetch(g, g->v->cs.base + g->v->rip, bytes, sizeof(bytes));

	if (n < 0)
		return n;
	guest_reg_list(g, regs);
	return decode(bytes, n, regs, in) ? 0 : guest_broken(g, x);
}

// The end of every row that carries out an instruction.
static int
insn_done(struct guest *g, const struct insn *in, bool allowed)
{
	if (allowed)
		guest_skip_to(g, g->v->rip + in->length);
	else
		guest_exception(g, T_GPFLT, 0);
	return EXIT_GO_ON;
}

// ---- The rows --------------------------------------------------------------

static int
do_page_fault(struct guest *g, struct guest_exit *x)
{
	uint32_t va = g->v->info2, out = 0;
	int r = shadow_fault(&g->shadow, va, g->v->info1, &out);

	switch (r) {
	case SHADOW_INJECT: return guest_page_fault(g, x, va, out);
	case SHADOW_NO_MEMORY:
		x->address = out;
		return guest_tell(x, GUEST_MEMORY);
	case SHADOW_FILL: shadow_add(GUESTS_HIDDEN); return EXIT_GO_ON;
	default: return r;
	}
}

// #NM: of the guest's own if it has set TS. Else the host's: the FPU does not
// hold the running thread's registers, which are the guest's too.
static int
do_fpu(struct guest *g, struct guest_exit *x)
{
	if (g->shadow.rules.cr0 & (CR0_TS | CR0_EM))
		guest_exception(g, T_DEVICE, -1);
	else
		fpu_trap(&thread_this()->user);
	return EXIT_GO_ON;
}

static uint32_t
cr_value(const struct guest *g, uint cr)
{
	const struct walk_rules *r = &g->shadow.rules;

	return cr == 0 ? r->cr0 : cr == 3 ? r->cr3 : r->cr4;
}

// lmsw loads the low four bits, and cannot clear PE; clts clears TS.
static bool
write_cr0_bits(struct guest *g, const struct insn *in, const uint32_t regs[])
{
	uint32_t cr0 = g->shadow.rules.cr0;

	if (in->opcode == 0x06)
		return guest_cr_write(g, 0, cr0 & ~CR0_TS);
	return guest_cr_write(
		g, 0, (cr0 & ~0xEu) | ((regs[in->rm] | (cr0 & CR0_PE)) & 0xF));
}

static bool
is_status_word(const struct insn *in)
{
	return in->opcode == 0x06 || (in->opcode == 0x01 && in->mod == 3 &&
				      (in->reg == 6 || in->reg == 4));
}

static bool
control_insn(struct guest *g, const struct insn *in)
{
	uint32_t regs[REG_COUNT];

	guest_reg_list(g, regs);
	if (in->opcode == 0x20)
		guest_reg_write(g, in->rm, cr_value(g, in->reg));
	else if (in->opcode == 0x22)
		return guest_cr_write(g, in->reg, regs[in->rm]);
	else if (in->opcode == 0x01 && in->reg == 4) // smsw
		guest_reg_write(g, in->rm, g->shadow.rules.cr0);
	else
		return write_cr0_bits(g, in, regs);
	return true;
}

static int
do_control(struct guest *g, struct guest_exit *x)
{
	struct insn in;
	int r = this_insn(g, x, &in);

	if (r)
		return r;
	if (in.opcode != 0x20 && in.opcode != 0x22 && !is_status_word(&in))
		return guest_broken(g, x);
	if (g->v->exitcode != EXIT_CR_WRITE + 3)
		shadow_add(GUESTS_CR);
	return insn_done(g, &in, control_insn(g, &in));
}

// Debug registers read as 0, and forget what is written.
static int
do_debug(struct guest *g, struct guest_exit *x)
{
	struct insn in;
	int r = this_insn(g, x, &in);

	if (r)
		return r;
	if (in.opcode == 0x21)
		guest_reg_write(g, in.rm, 0);
	return insn_done(g, &in, true);
}

static int
do_invlpg(struct guest *g, struct guest_exit *x)
{
	struct insn in;
	int r = this_insn(g, x, &in);

	if (r)
		return r;
	shadow_add(GUESTS_INVLPG);
	shadow_invlpg(&g->shadow, in.address);
	return insn_done(g, &in, true);
}

// What CPUID's leaf 1 says of the host's processor and this machine has too
// (SDM vol. 2, CPUID): FPU, PSE, TSC, CX8, PGE, CMOV, MMX, FXSR, SSE, SSE2.
#define CPUID_GUEST 0x0780A119u
#define CPUID_HYPERVISOR (1u << 31)

static int
do_cpuid(struct guest *g, struct guest_exit *x)
{
	uint32_t v[4] = { 0 }, leaf = g->v->rax;
	struct insn in;
	int r = this_insn(g, x, &in);

	if (r)
		return r;
	if (leaf <= 1)
		cpuid(leaf, v);
	if (leaf == 0)
		v[0] = 1; // the last leaf
	if (leaf == 1) {
		v[1] = 0;
		v[2] = CPUID_HYPERVISOR;
		v[3] &= CPUID_GUEST;
	}
	g->v->rax = v[0];
	g->regs.ebx = v[1];
	g->regs.ecx = v[2];
	g->regs.edx = v[3];
	return insn_done(g, &in, true);
}

static int
do_halt(struct guest *g, struct guest_exit *x)
{
	struct insn in;
	int r = this_insn(g, x, &in);

	if (r)
		return r;
	shadow_add(GUESTS_HLT);
	insn_done(g, &in, true);
	return guest_tell(x, GUEST_HALT);
}

// Caches are the host's business: the instruction does nothing.
static int
do_skip(struct guest *g, struct guest_exit *x)
{
	struct insn in;
	int r = this_insn(g, x, &in);

	if (r)
		return r;
	return insn_done(g, &in, true);
}

static int
do_no_msr(struct guest *g, struct guest_exit *x)
{
	guest_exception(g, T_GPFLT, 0);
	return EXIT_GO_ON;
}

static int
do_no_insn(struct guest *g, struct guest_exit *x)
{
	guest_exception(g, T_ILLOP, -1);
	return EXIT_GO_ON;
}

// The interrupt was taken when interrupts came on again.
static int
do_host(struct guest *g, struct guest_exit *x)
{
	shadow_add(GUESTS_HOST);
	return guest_tell(x, GUEST_TICK);
}

static int
do_ready(struct guest *g, struct guest_exit *x)
{
	return guest_tell(x, GUEST_READY);
}

static int
do_shutdown(struct guest *g, struct guest_exit *x)
{
	return guest_tell(x, GUEST_SHUTDOWN);
}

// ---- The table -------------------------------------------------------------

static const struct exit_row {
	uint first, last;
	int (*act)(struct guest *g, struct guest_exit *x);
} exits[] = {
	{ EXIT_EXCEPTION + T_PGFLT, EXIT_EXCEPTION + T_PGFLT, do_page_fault },
	{ EXIT_IO, EXIT_IO, port_exit },
	{ EXIT_INTR, EXIT_INIT, do_host },
	{ EXIT_VINTR, EXIT_VINTR, do_ready },
	{ EXIT_CR_READ, EXIT_DR_READ - 1, do_control },
	{ EXIT_INVLPG, EXIT_INVLPG, do_invlpg },
	{ EXIT_HLT, EXIT_HLT, do_halt },
	{ EXIT_EXCEPTION + T_DEVICE, EXIT_EXCEPTION + T_DEVICE, do_fpu },
	{ EXIT_CPUID, EXIT_CPUID, do_cpuid },
	{ EXIT_DR_READ, EXIT_DR_LAST, do_debug },
	{ EXIT_MSR, EXIT_MSR, do_no_msr },
	{ EXIT_SHUTDOWN, EXIT_SHUTDOWN, do_shutdown },
	{ EXIT_SVM_FIRST, EXIT_SVM_LAST, do_no_insn },
	{ EXIT_INVLPGA, EXIT_INVLPGA, do_no_insn },
	{ EXIT_INVD, EXIT_INVD, do_skip },
	{ EXIT_WBINVD, EXIT_WBINVD, do_skip },
	{ EXIT_MONITOR, EXIT_MWAIT_LAST, do_no_insn },
};

int
guest_exit(struct guest *g, struct guest_exit *x)
{
	uint32_t code = g->v->exitcode;

	for (uint i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		if (code >= exits[i].first && code <= exits[i].last)
			return exits[i].act(g, x);
	shadow_add(GUESTS_OTHER);
	return guest_broken(g, x);
}
