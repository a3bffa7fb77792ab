// Flushing translations on all CPUs that may have them.
//
// Which CPUs are these? Those that have the space loaded now (cpu_uses_cr3), or
// a directory that shares the table (mm/ptshare.c). A CPU that loads it later
// reads the changed entries, one that left it has forgotten them, as user
// entries are not global. This needs an order on both sides:
//
//	here                             there (cpu_load_cr3)
//	change the entry                 c->next_cr3 = the space
//	barrier                          load CR3 (serializes)
//	read c->next_cr3                 read the entry
//
// Whichever comes first, either we see the CPU or it sees the change.
//
// A CPU that is idle, or runs a kernel thread, keeps the last space loaded. It
// needs none of its translations. So it answers by leaving the space, and is
// not asked again: an idle CPU gets at most one request for each time that it
// has become idle, and none after a tick, when it leaves the space by itself.
//
// Asking another CPU: we count a request up, send an interrupt, and wait until
// the CPU has flushed for a count at least as high. Requests need no lock and
// carry no address, since the other one flushes all user entries. We wait with
// interrupts on and without a spinlock: so two CPUs that ask each other both
// answer, and a CPU that spins for a lock gets it, turns interrupts on, and
// answers.
#include "mm/tlb.h"
#include "abi/info.h"
#include "kalloc.h"
#include "kern/lock.h"
#include "kern/pagecheck.h"
#include "kern/sched.h"
#include "lib/assert.h"
#include "mm/swap.h"
#include "x86/cpu.h"
#include "x86/irq.h"

#define SINGLE_MAX 16 // up to so many pages, one invlpg each

static uint nflushes, nsent; // since the start

static struct tlb_shadow shadows[TLB_SHADOWS];
static volatile uint nshadows; // how many are in use

// By CPU: flushes asked for, and how far they are done.
static volatile uint asked[NCPU], done[NCPU];

static void
tlb_interrupt(void *arg)
{
	int me = cpu_this()->index;
	uint seen = asked[me];

	// A request after this line interrupts again; one before it is served.
	if (!sched_leave_space())
		cpu_flush_tlb();
	done[me] = seen;
}

void
tlb_init(void)
{
	irq_register_vector(IPI_TLB, tlb_interrupt, NULL);
}

void
tlb_begin(struct tlb_batch *b, struct mm *mm)
{
	b->mm = mm;
	b->cpus = 0;
	b->count = 0;
	b->all = false;
}

void
tlb_add(struct tlb_batch *b, vaddr_t va, struct page *pg)
{
	assert(!tlb_full(b));
	b->va[b->count] = va;
	b->page[b->count++] = pg;
}

// Tells the shadows for which `holds` is true.
static void
mark_shadows(bool (*holds)(uint32_t cr3, vaddr_t va, pde_t pde), vaddr_t va,
	     pde_t pde)
{
	if (likely(!nshadows))
		return;
	for (uint i = 0; i < TLB_SHADOWS; i++)
		if (holds(shadows[i].cr3, va, pde))
			shadows[i].stale = true;
}

static bool
is_directory(uint32_t cr3, vaddr_t va, pde_t pgdir)
{
	return cr3 == pgdir;
}

// The CPUs that have mm loaded.
static uint
cpus_running(const struct mm *mm)
{
	uint32_t cr3 = V2P(mm->pgdir);
	uint set = 0;

	__sync_synchronize(); // the barrier of the drawing above
	mark_shadows(is_directory, 0, cr3);
	for (int i = 0; i < ncpu; i++)
		if (cpu_uses_cr3(&cpus[i], cr3))
			set |= 1u << i;
	return set;
}

// Does the directory at physical address cr3 name the table? A CPU may leave
// the directory while we look, and its frame may then hold anything. So the
// answer can be a wrong yes, which costs one flush too many.
static bool
names_table(uint32_t cr3, vaddr_t va, pde_t pde)
{
	const volatile pde_t *pgdir = P2V(PTE_ADDR(cr3));

	return cr3 && PTE_ADDR(pgdir[PDX(va)] ^ pde) == 0;
}

void
tlb_table(struct tlb_batch *b, const struct mm *mm, vaddr_t va)
{
	pde_t pde = mm->pgdir[PDX(va)];

	__sync_synchronize(); // the barrier of the drawing above
	mark_shadows(names_table, va, pde);
	for (int i = 0; i < ncpu; i++)
		if (names_table(cpus[i].next_cr3, va, pde) ||
		    names_table(cpus[i].cr3, va, pde))
			b->cpus |= 1u << i;
}

static void
flush_here(const struct tlb_batch *b)
{
	if (b->all || b->count > SINGLE_MAX) {
		cpu_flush_tlb();
		return;
	}
	for (uint i = 0; i < b->count; i++)
		invlpg(b->va[i]);
}

// Sends requests to the CPUs in `set` and waits for the last answer.
static void
flush_others(uint set)
{
	uint ticket[NCPU];

	for (int i = 0; i < ncpu; i++) {
		if (!(set & 1u << i))
			continue;
		ticket[i] = __sync_add_and_fetch(&asked[i], 1);
		irq_send(&cpus[i], IPI_TLB);
		__atomic_fetch_add(&nsent, 1, __ATOMIC_RELAXED);
	}
	for (int i = 0; i < ncpu; i++)
		if (set & 1u << i)
			while ((int)(done[i] - ticket[i]) < 0 && !panicked)
				cpu_pause();
}

// Puts the pages of the batch. Those that become free go under one lock.
static void
put_pages(const struct tlb_batch *b)
{
	struct list freed = LIST_INIT(freed);
	uint n = 0;

	for (uint i = 0; i < b->count; i++) {
		struct page *pg = b->page[i];

		if (!pg)
			continue;
		if (pg->owner) {
			swap_put_owned(pg);
			continue;
		}
		if (!page_drop(pg))
			continue;
		pagecheck_free(page_va(pg));
		list_push(&freed, &pg->link);
		n++;
	}
	if (n)
		page_free_list(&freed, n);
}

void
tlb_flush(struct tlb_batch *b)
{
	struct cpu *me;
	uint set;

	assert_may_sleep("tlb_flush");
	if (!b->count && !b->all)
		return;
	__atomic_fetch_add(&nflushes, 1, __ATOMIC_RELAXED);
	cpu_irq_off(); // stay on this CPU while it is "here"
	set = b->cpus | (b->mm ? cpus_running(b->mm) : 0);
	me = cpu_this();
	if (set & 1u << me->index)
		flush_here(b);
	set &= ~(1u << me->index);
	cpu_irq_on();
	if (set) {
		// With interrupts off, two of us would wait for each other.
		assert(eflags_read() & FL_IF);
		flush_others(set);
	}
	put_pages(b);
	tlb_begin(b, b->mm);
}

// A CPU that keeps mm loaded needs it for no thread, because no thread has mm.
// It leaves mm when it gets the request, and cannot come back.
void
tlb_evict(const struct mm *mm)
{
	uint set;

	cpu_irq_off();
	sched_leave_space(); // a kernel thread may be here, on mm
	set = cpus_running(mm);
	cpu_irq_on();
	if (set)
		flush_others(set);
}

// ---- Shadows ---------------------------------------------------------------

struct tlb_shadow *
tlb_shadow_begin(const struct mm *mm)
{
	uint32_t cr3 = V2P(mm->pgdir);

	for (uint i = 0; i < TLB_SHADOWS; i++) {
		if (!__sync_bool_compare_and_swap(&shadows[i].cr3, 0, cr3))
			continue;
		__atomic_fetch_add(&nshadows, 1, __ATOMIC_SEQ_CST);
		return &shadows[i];
	}
	return NULL;
}

void
tlb_shadow_end(struct tlb_shadow *s)
{
	s->cr3 = 0;
	__atomic_fetch_sub(&nshadows, 1, __ATOMIC_SEQ_CST);
}

bool
tlb_shadow_stale(struct tlb_shadow *s)
{
	return s->stale &&
	       __atomic_exchange_n(&s->stale, false, __ATOMIC_SEQ_CST);
}

void
tlb_count(struct vminfo *v)
{
	v->tlb_flushes = nflushes;
	v->tlb_sent = nsent;
}
