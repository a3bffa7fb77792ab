// Why a guest's processor stopped, and what is done about it. A row of `exits`
// is a range of the processor's exit codes.
#include "abi/errno.h"
#include "hv/count.h"
#include "abi/traps.h"
#include "hv/exit.h"
#include "hv/port.h"
#include "kern/fpu.h"
#include "kern/sched.h"
#include "x86/cpu.h"

// ---- Instructions ----------------------------------------------------------

// The instruction at which the guest stopped. 0, EXIT_TELL (none that is known
// here), or an error.
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

// What an instruction does. INSN_REFUSED: it may not, and gets #GP.
// INSN_UNKNOWN: the host knows the instruction, but not in this form.
enum insn_result { INSN_DONE, INSN_REFUSED, INSN_UNKNOWN };
typedef enum insn_result (*insn_fn)(struct guest *g, const struct insn *in);

// Carries out the instruction at which the guest stopped. EXIT_GO_ON, EXIT_TELL
// or an error.
static int
carry_out(struct guest *g, struct guest_exit *x, insn_fn fn)
{
	struct insn in;
	int r = this_insn(g, x, &in);

	if (r)
		return r;
	switch (fn(g, &in)) {
	case INSN_DONE: guest_skip_to(g, g->v->rip + in.length); break;
	case INSN_REFUSED: guest_exception(g, T_GPFLT, 0); break;
	case INSN_UNKNOWN: return guest_broken(g, x);
	}
	return EXIT_GO_ON;
}

static uint32_t
cr_value(const struct guest *g, uint cr)
{
	const struct walk_rules *r = &g->shadow.rules;

	return cr == 0 ? r->cr0 : cr == 3 ? r->cr3 : r->cr4;
}

static enum insn_result
write_cr(struct guest *g, uint cr, uint32_t v)
{
	return guest_cr_write(g, cr, v) ? INSN_DONE : INSN_REFUSED;
}

// clts; lmsw and smsw with a register. lmsw loads the low four bits of CR0, and
// cannot clear PE.
static enum insn_result
status_word(struct guest *g, const struct insn *in, const uint32_t regs[])
{
	uint32_t cr0 = g->shadow.rules.cr0;

	if (in->opcode == 0x06)
		return write_cr(g, 0, cr0 & ~CR0_TS);
	if (in->opcode != 0x01 || in->mod != 3)
		return INSN_UNKNOWN;
	if (in->reg == 6)
		return write_cr(g, 0, (cr0 & ~0xEu) | (regs[in->rm] & 0xF));
	if (in->reg != 4)
		return INSN_UNKNOWN;
	guest_reg_write(g, in->rm, cr0);
	return INSN_DONE;
}

static enum insn_result
do_control(struct guest *g, const struct insn *in)
{
	uint32_t regs[REG_COUNT];

	if (g->v->exitcode != EXIT_CR_WRITE + 3)
		guest_count(GUESTS_CR);
	guest_reg_list(g, regs);
	if (in->opcode == 0x22)
		return write_cr(g, in->reg, regs[in->rm]);
	if (in->opcode != 0x20)
		return status_word(g, in, regs);
	guest_reg_write(g, in->rm, cr_value(g, in->reg));
	return INSN_DONE;
}

// Debug registers read as 0, and forget what is written.
static enum insn_result
do_debug(struct guest *g, const struct insn *in)
{
	if (in->opcode == 0x21)
		guest_reg_write(g, in->rm, 0);
	return INSN_DONE;
}

static enum insn_result
do_invlpg(struct guest *g, const struct insn *in)
{
	guest_count(GUESTS_INVLPG);
	shadow_invlpg(&g->shadow, in->address);
	return INSN_DONE;
}

// What CPUID's leaf 1 says of the host's processor and this machine has too
// (SDM vol. 2, CPUID): FPU, PSE, TSC, CX8, PGE, CMOV, MMX, FXSR, SSE, SSE2.
#define CPUID_GUEST 0x0780A119u
#define CPUID_HYPERVISOR (1u << 31)

static enum insn_result
do_cpuid(struct guest *g, const struct insn *in)
{
	uint32_t v[4] = { 0 }, leaf = g->v->rax;

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
	return INSN_DONE;
}

// hlt, of which the monitor is told; and caches are the host's business.
static enum insn_result
do_skip(struct guest *g, const struct insn *in)
{
	return INSN_DONE;
}

// ---- Other exits -----------------------------------------------------------

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
	case SHADOW_FILL: guest_count(GUESTS_HIDDEN); return EXIT_GO_ON;
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

static int
do_halt(struct guest *g, struct guest_exit *x)
{
	guest_count(GUESTS_HLT);
	return guest_tell(x, GUEST_HALT);
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
	guest_count(GUESTS_HOST);
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

// A row may have an instruction that the host carries out first, and then
// something to do.
static const struct exit_row {
	uint first, last;
	insn_fn insn;
	int (*act)(struct guest *g, struct guest_exit *x);
} exits[] = {
	{ EXIT_EXCEPTION + T_PGFLT, EXIT_EXCEPTION + T_PGFLT, NULL,
	 do_page_fault},
	{ EXIT_IO, EXIT_IO, NULL, port_exit },
	{ EXIT_INTR, EXIT_INIT, NULL, do_host },
	{ EXIT_VINTR, EXIT_VINTR, NULL, do_ready },
	{ EXIT_CR_READ, EXIT_DR_READ - 1, do_control, NULL },
	{ EXIT_INVLPG, EXIT_INVLPG, do_invlpg, NULL },
	{ EXIT_HLT, EXIT_HLT, do_skip, do_halt },
	{ EXIT_EXCEPTION + T_DEVICE, EXIT_EXCEPTION + T_DEVICE, NULL, do_fpu },
	{ EXIT_CPUID, EXIT_CPUID, do_cpuid, NULL },
	{ EXIT_DR_READ, EXIT_DR_LAST, do_debug, NULL },
	{ EXIT_MSR, EXIT_MSR, NULL, do_no_msr },
	{ EXIT_SHUTDOWN, EXIT_SHUTDOWN, NULL, do_shutdown },
	{ EXIT_SVM_FIRST, EXIT_SVM_LAST, NULL, do_no_insn },
	{ EXIT_INVLPGA, EXIT_INVLPGA, NULL, do_no_insn },
	{ EXIT_INVD, EXIT_INVD, do_skip, NULL },
	{ EXIT_WBINVD, EXIT_WBINVD, do_skip, NULL },
	{ EXIT_MONITOR, EXIT_MWAIT_LAST, NULL, do_no_insn },
};

int
guest_exit(struct guest *g, struct guest_exit *x)
{
	uint32_t code = g->v->exitcode;
	const struct exit_row *row = exits;
	int r = EXIT_GO_ON;

	while (row < exits + countof(exits) &&
	       (code < row->first || code > row->last))
		row++;
	if (row == exits + countof(exits)) {
		guest_count(GUESTS_OTHER);
		return guest_broken(g, x);
	}
	if (row->insn)
		r = carry_out(g, x, row->insn);
	return r == EXIT_GO_ON && row->act ? row->act(g, x) : r;
}
