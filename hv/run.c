// Running a guest: into it, and out again (hv/run.h).
#include "hv/run.h"
#include "abi/errno.h"
#include "hv/exit.h"
#include "hv/port.h"
#include "kern/sched.h"

// The control registers that the processor runs on are not the guest's. It
// always pages, through the shadow, and obeys W in the kernel too, because the
// shadow lacks W where a write must be seen. TS is set also while the FPU does
// not hold the running thread's registers.
static void
load_control(struct guest *g, paddr_t root)
{
	const struct walk_rules *r = &g->shadow.rules;

	g->v->cr0 = r->cr0 | CR0_PG | CR0_WP | CR0_NE |
		    (this_cpu->fpu_live ? 0 : CR0_TS);
	g->v->cr3 = root;
	g->v->cr4 = r->cr4 & (CR4_OSFXSR | CR4_OSXMMEXCPT);
}

// Asks for an exit as soon as the guest can take an interrupt: a virtual one,
// which is intercepted before it is delivered (APM vol. 2, 15.21.4).
static void
want_ready(struct vmcb *v, bool want)
{
	v->virq = VIRQ_MASKING;
	v->intercepts &= ~ICEPT_VINTR;
	if (!want)
		return;
	v->virq |= VIRQ_PENDING | VIRQ_NO_TPR;
	v->intercepts |= ICEPT_VINTR;
}

// Runs the guest until its next exit. With interrupts off, the host's answer
// that nothing has gone stays true until the guest runs, and an interrupt that
// says otherwise ends its run.
static int
enter_guest(struct guest *g)
{
	struct shadow_space *s = &g->shadow;
	bool fresh;
	paddr_t root;
	int err;

	for (;;) {
		shadow_catch_up(s);
		err = shadow_root(s, &root);
		if (err)
			return err;
		cpu_irq_off();
		if (!s->host->stale)
			break;
		cpu_irq_on();
	}
	load_control(g, root);
	fresh = s->fresh || g->cpu != cpu_this()->index;
	s->fresh = false;
	g->cpu = cpu_this()->index;
	svm_run(g->v, &g->regs, g, fresh);
	cpu_irq_on();
	return 0;
}

// An exit in the middle of a delivery: the event is delivered again. `int n`
// runs again by itself.
static void
deliver_again(struct vmcb *v)
{
	uint32_t e = v->exit_event;

	v->event = 0;
	if (e & EVENT_VALID && (e & EVENT_TYPE) != 4u << 8)
		v->event = v->exit_event;
}

// Runs up to one exit, and handles it. As guest_exit.
static int
run_once(struct guest *g, struct guest_exit *x)
{
	int err;

	if (thread_this()->killed)
		return -EINTR;
	err = enter_guest(g);
	if (err == -ENXIO) {
		x->address = g->shadow.rules.cr3;
		return guest_tell(x, GUEST_MEMORY);
	}
	if (err)
		return err;
	deliver_again(g->v);
	return guest_exit(g, x);
}

int
guest_run(struct guest *g, struct guest_exit *x)
{
	int r = EXIT_GO_ON;

	port_done(g, x);
	want_ready(g->v, x->want);
	if (x->want && guest_ready(g))
		r = guest_tell(x, GUEST_READY);
	while (r == EXIT_GO_ON)
		r = run_once(g, x);
	x->ready = guest_ready(g);
	return r < 0 ? r : 0;
}
