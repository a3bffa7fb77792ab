// Ports: what the guest wants, told to the monitor, and the answer carried out
// (hv/port.h).
#include "hv/port.h"
#include "abi/errno.h"
#include "hv/count.h"

// The bits of a register that an access of so many bytes moves.
static uint32_t
port_mask(uint size)
{
	return size == 4 ? ~0u : (1u << 8 * size) - 1;
}

// A string instruction: the page of the guest's memory that it works on, and
// how many units fit into that page. The direction flag must be clear.
// EXIT_TELL; EXIT_GO_ON (the guest gets a fault of its own); or an error.
static int
string_port(struct guest *g, struct guest_exit *x, uint32_t info)
{
	bool in = info & IO_IN;
	uint32_t va =
		in ? g->v->es.base + g->regs.edi : g->v->ds.base + g->regs.esi;
	uint access = in ? PF_W : 0;
	uint room = (PGSIZE - PGOFFSET(va)) / x->size;
	struct walk w;
	int err = guest_walk(&g->shadow.rules, &g->mem, va, access, &w);

	if (err && err != -ENXIO)
		return err;
	if (err || g->v->rflags & FL_DF || room == 0)
		return guest_broken(g, x);
	if (!w.allowed)
		return guest_page_fault(g, x, va, guest_walk_error(&w, access));
	if (!guest_has(&g->mem, w.frame, PGSIZE))
		return guest_broken(g, x);
	err = guest_walk_used(&g->mem, access, &w);
	if (err)
		return err;
	if (in)
		shadow_device_write(&g->shadow, w.frame);
	x->address = w.frame | PGOFFSET(va);
	x->count = info & IO_REP ? min_uint(room, g->regs.ecx) : 1;
	return EXIT_TELL;
}

int
port_exit(struct guest *g, struct guest_exit *x)
{
	uint32_t info = g->v->info1;
	int r;

	guest_count(GUESTS_IO);
	x->port = info >> 16;
	x->size = IO_SIZE(info);
	x->count = 0;
	x->value = g->v->rax & port_mask(x->size);
	guest_tell(x, info & IO_IN ? GUEST_IN : GUEST_OUT);
	if (info & IO_STRING) {
		if (info & IO_REP && g->regs.ecx == 0) {
			guest_skip_to(g, g->v->info2);
			return EXIT_GO_ON;
		}
		r = string_port(g, x, info);
		if (r != EXIT_TELL || x->why == GUEST_BROKEN)
			return r;
	}
	g->port = (struct port_access){ true, info, g->v->info2, x->count };
	return EXIT_TELL;
}

static void
port_string_done(struct guest *g)
{
	const struct port_access *p = &g->port;
	uint32_t *at = p->info & IO_IN ? &g->regs.edi : &g->regs.esi;

	*at += p->count * IO_SIZE(p->info);
	if (p->info & IO_REP)
		g->regs.ecx -= p->count;
	if (!(p->info & IO_REP) || g->regs.ecx == 0)
		guest_skip_to(g, p->next);
}

void
port_done(struct guest *g, const struct guest_exit *x)
{
	const struct port_access *p = &g->port;
	uint32_t mask = port_mask(IO_SIZE(p->info));

	if (!p->pending)
		return;
	g->port.pending = false;
	if (p->count > 0) {
		port_string_done(g);
		return;
	}
	if (p->info & IO_IN)
		g->v->rax = ((uint32_t)g->v->rax & ~mask) | (x->value & mask);
	guest_skip_to(g, p->next);
}
