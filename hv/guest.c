// The life of a guest, its registers, and what it is about to take
// (hv/guest.h).
#include "hv/guest.h"
#include "abi/errno.h"
#include "hv/count.h"
#include "abi/traps.h"
#include "kalloc.h"
#include "kern/slab.h"
#include "mm/uaccess.h"

#define CR0_ALWAYS 0x10       // ET: an FPU of its own kind
#define CR4_GUEST (CR4_PSE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT)

static struct slab guest_slab;

void
guest_init(void)
{
	slab_init(&guest_slab, "guest", sizeof(struct guest));
	shadow_init();
}

// ---- Life ------------------------------------------------------------------

void
guest_free(void *guest)
{
	struct guest *g = guest;

	shadow_end(&g->shadow);
	if (g->v)
		kfree(g->v);
	mm_put(g->mem.mm);
	slab_free(&guest_slab, g);
}

static int
guest_start(struct guest *g, int flags)
{
	g->v = svm_new();
	g->cpu = -1;
	if (!g->v)
		return -ENOMEM;
	g->shadow.rules.cr0 = CR0_PE | CR0_ALWAYS;
	return shadow_begin(&g->shadow, &g->mem, flags & GUEST_STRICT);
}

int
guest_new(struct mm *mm, vaddr_t base, uint size, int flags, struct guest **out)
{
	struct guest *g;
	int err;

	if (PGOFFSET(base | size) || size == 0 || size > SHADOW_MEMORY_MAX ||
	    !user_range(base, size) || (flags & ~GUEST_STRICT))
		return -EINVAL;
	err = svm_prepare();
	if (err)
		return err;
	g = slab_alloc(&guest_slab);
	if (!g)
		return -ENOMEM;
	g->mem = (struct guest_memory){ mm_get(mm), base, size };
	err = guest_start(g, flags);
	if (err)
		guest_free(g);
	*out = g;
	return err;
}

int
guest_take(struct guest *g, const struct mm *mm)
{
	if (g->mem.mm != mm)
		return -EPERM;
	return __atomic_exchange_n(&g->busy, true, __ATOMIC_ACQUIRE) ? -EBUSY
								     : 0;
}

void
guest_give(struct guest *g)
{
	__atomic_store_n(&g->busy, false, __ATOMIC_RELEASE);
}

// ---- Registers -------------------------------------------------------------

void
guest_reg_list(const struct guest *g, uint32_t regs[REG_COUNT])
{
	regs[REG_EAX] = g->v->rax;
	regs[REG_ECX] = g->regs.ecx;
	regs[REG_EDX] = g->regs.edx;
	regs[REG_EBX] = g->regs.ebx;
	regs[REG_ESP] = g->v->rsp;
	regs[REG_EBP] = g->regs.ebp;
	regs[REG_ESI] = g->regs.esi;
	regs[REG_EDI] = g->regs.edi;
}

void
guest_reg_write(struct guest *g, uint reg, uint32_t v)
{
	uint32_t *at[REG_COUNT] = {
		[REG_ECX] = &g->regs.ecx, [REG_EDX] = &g->regs.edx,
		[REG_EBX] = &g->regs.ebx, [REG_EBP] = &g->regs.ebp,
		[REG_ESI] = &g->regs.esi, [REG_EDI] = &g->regs.edi,
	};

	if (reg == REG_EAX)
		g->v->rax = v;
	else if (reg == REG_ESP)
		g->v->rsp = v;
	else
		*at[reg] = v;
}

void
guest_get_regs(const struct guest *g, struct guest_regs *r)
{
	const struct walk_rules *w = &g->shadow.rules;
	uint32_t list[REG_COUNT];

	guest_reg_list(g, list);
	*r = (struct guest_regs){
		.eax = list[REG_EAX],
		.ecx = list[REG_ECX],
		.edx = list[REG_EDX],
		.ebx = list[REG_EBX],
		.esp = list[REG_ESP],
		.ebp = list[REG_EBP],
		.esi = list[REG_ESI],
		.edi = list[REG_EDI],
		.eip = g->v->rip,
		.eflags = g->v->rflags,
		.cr0 = w->cr0,
		.cr2 = g->v->cr2,
		.cr3 = w->cr3,
		.cr4 = w->cr4,
	};
}

// CR0 without PE is real mode, which this machine has not. The processor
// refuses PG without PE too (SDM vol. 3, 2.5).
static bool
cr0_allowed(uint32_t v)
{
	return v & CR0_PE;
}

bool
guest_cr_write(struct guest *g, uint cr, uint32_t v)
{
	struct walk_rules *r = &g->shadow.rules;

	switch (cr) {
	case 0:
		if (!cr0_allowed(v))
			return false;
		shadow_set_mode(&g->shadow, v | CR0_ALWAYS, r->cr4);
		return true;
	case 3:
		guest_count(GUESTS_CR3);
		shadow_load_cr3(&g->shadow, v);
		return true;
	case 4:
		if (v & ~CR4_GUEST)
			return false;
		shadow_set_mode(&g->shadow, r->cr0, v);
		return true;
	default: return false;
	}
}

// The bits of EFLAGS that a program on this machine may have: no virtual-8086
// mode by this way.
#define FL_SETTABLE 0x00247FD5u

int
guest_set_regs(struct guest *g, const struct guest_regs *r)
{
	if (!cr0_allowed(r->cr0) || r->cr4 & ~CR4_GUEST)
		return -EINVAL;
	shadow_set_mode(&g->shadow, r->cr0 | CR0_ALWAYS, r->cr4);
	shadow_load_cr3(&g->shadow, r->cr3);
	g->port.pending = false; // an instruction that was told goes with it
	g->v->rax = r->eax;
	g->regs = (struct svm_regs){ r->ebx, r->ecx, r->edx,
				    r->esi, r->edi, r->ebp};
	g->v->rsp = r->esp;
	g->v->rip = r->eip;
	g->v->cr2 = r->cr2;
	g->v->rflags = (r->eflags & FL_SETTABLE) | 2;
	return 0;
}

// ---- Interrupts and exceptions ---------------------------------------------

bool
guest_ready(const struct guest *g)
{
	return g->v->rflags & FL_IF && !(g->v->shadow & 1) &&
	       !(g->v->event & EVENT_VALID);
}

void
guest_exception(struct guest *g, uint vector, int code)
{
	g->v->event = vector | EVENT_FAULT | EVENT_VALID;
	if (code >= 0)
		g->v->event |= EVENT_CODE | (uint64_t)(uint)code << 32;
}

int
guest_interrupt(struct guest *g, int vector)
{
	if (vector < 32 || vector > 255)
		return -EINVAL;
	if (!guest_ready(g))
		return -EAGAIN;
	g->v->event = (uint)vector | EVENT_VALID;
	return 0;
}

// ---- What an exit leads to --------------------------------------------------

int
guest_broken(struct guest *g, struct guest_exit *x)
{
	x->value = g->v->exitcode;
	return guest_tell(x, GUEST_BROKEN);
}

// The end of the instruction also ends the one instruction that interrupts wait
// for after sti.
void
guest_skip_to(struct guest *g, uint32_t next)
{
	g->v->rip = next;
	g->v->shadow &= ~1ull;
}

int
guest_fetch(struct guest *g, uint32_t va, uint8_t *to, uint n)
{
	uint done = 0;

	while (done < n) {
		uint part = min_uint(n - done, PGSIZE - PGOFFSET(va));
		struct walk w;
		int err = guest_walk(&g->shadow.rules, &g->mem, va, 0, &w);

		if (!err && !w.allowed)
			break;
		if (!err)
			err = guest_read(&g->mem, w.frame | PGOFFSET(va),
					 to + done, part);
		if (err == -ENXIO)
			break;
		if (err)
			return err;
		done += part;
		va += part;
	}
	return done;
}

// Is the guest's double fault a task of its own? A task switch loads CR3 from
// memory: such a guest cannot be let go on (see guest_task_switch in
// tests/user/guests.c).
static bool
double_fault_is_task(struct guest *g)
{
	uint8_t gate[8];
	uint32_t at = g->v->idtr.base + T_DBLFLT * sizeof(gate);

	return guest_fetch(g, at, gate, sizeof(gate)) == sizeof(gate) &&
	       (gate[5] & 0xF) == STS_TG;
}

static int
double_fault(struct guest *g, struct guest_exit *x)
{
	if (double_fault_is_task(g))
		return guest_tell(x, GUEST_SHUTDOWN);
	guest_exception(g, T_DBLFLT, 0);
	return EXIT_GO_ON;
}

// A fault while an exception was being delivered is a double fault, if the
// exception was a fault of this kind too (SDM vol. 3, 6.15, vector 8).
int
guest_page_fault(struct guest *g, struct guest_exit *x, uint32_t va, uint code)
{
	uint32_t e = g->v->event;
	uint vector = e & 0xFF;

	guest_count(GUESTS_TRUE);
	if (e & EVENT_VALID && (e & EVENT_TYPE) == EVENT_FAULT) {
		if (vector == T_DBLFLT)
			return guest_tell(x, GUEST_SHUTDOWN);
		if (vector == T_PGFLT || (vector >= T_TSS && vector <= T_GPFLT))
			return double_fault(g, x);
	}
	g->v->cr2 = va;
	guest_exception(g, T_PGFLT, code);
	return EXIT_GO_ON;
}
