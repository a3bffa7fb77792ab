// The FPU's late hand-over, and %gs.
//
// A program may load %gs with any selector that the CPU lets it load. The CPU
// let it, so loading the same selector again in the kernel cannot fault: no
// descriptor is ever removed. The kernel itself does not use %gs.
//
// Invariants: the base of this CPU's SEG_UTLS is the running thread's tls.
// cpu->fpu_live says that the FPU holds the running thread's state.
// Then the thread's user_state is out of date. Otherwise the FPU is off
// (CR0.TS), and what it holds belongs to nobody.
#include "kern/fpu.h"

// Takes the running thread's FPU state, if it is in the FPU, out of it.
static void
fpu_put_away(struct user_state *me)
{
	struct cpu *c = cpu_this();

	if (!c->fpu_live)
		return;
	cpu_fpu_save(&me->fpu);
	cpu_fpu_off();
	c->fpu_live = false;
}

void
user_state_start(struct user_state *s, vaddr_t tls)
{
	s->tls = tls;
	s->gs = tls ? SEL_UTLS : 0;
}

// Most threads use neither register, and then this costs a few tests. The CPU
// reads the base when %gs is loaded, so the base comes first.
void
user_state_switch(struct user_state *from, struct user_state *to)
{
	fpu_put_away(from);
	from->gs = gs_read();
	if (to->gs | from->gs | to->tls | from->tls) {
		cpu_set_tls(to->tls);
		gs_write(to->gs);
	}
}

void
fpu_trap(struct user_state *me)
{
	struct cpu *c;

	cpu_irq_off();
	c = cpu_this();
	cpu_fpu_on();
	// The FPU may be ours already: an NMI's task switch sets TS (SDM 7.3).
	if (!c->fpu_live) {
		if (!me->fpu_used)
			cpu_fpu_init_state(&me->fpu);
		me->fpu_used = true;
		cpu_fpu_restore(&me->fpu);
		c->fpu_live = true;
	}
	cpu_irq_on();
}

void
user_state_copy(struct user_state *me, struct user_state *to)
{
	cpu_irq_off();
	fpu_put_away(me);
	cpu_irq_on();
	to->fpu_used = me->fpu_used;
	if (me->fpu_used)
		to->fpu = me->fpu;
	to->gs = gs_read();
	to->tls = me->tls;
}

void
user_state_reset(struct user_state *me)
{
	cpu_irq_off();
	cpu_fpu_off();
	cpu_this()->fpu_live = false;
	me->fpu_used = false;
	me->tls = 0;
	cpu_set_tls(0);
	gs_write(0);
	cpu_irq_on();
}
