// Catches: a shadow that lets a guest reach what its own page tables, or the
// host's, do not allow: a frame that is not the guest's, a page of another
// address, a write that its tables forbid; a change that is not seen after
// invlpg or a load of CR3; A or D that the guest's entries lack; a fault that
// the guest should not get, or should get and does not; shadows that are never
// freed; a frame that the host has taken away and the guest still reaches.
//
// The guest is a list of random operations on random page tables. The processor
// is a model: it walks the shadow, keeps translations in a TLB until it is told
// to forget, and sets nothing. Beside it stands what the manual permits: for
// each address, every translation that the guest's tables have had since the
// address was invalidated (SDM vol. 3, 4.10). Each access must match one of
// them.
#include "shadow_manual.h"
#include "check.h"

#define TABLES 12  // the guest's first pages serve as its tables
#define ROUNDS 400 // operations in each set of tables

// ---- The processor ----------------------------------------------------------

static struct {
	bool valid;
	pte_t entry;
} tlb[VAS];

static void
flush_if_told(void)
{
	if (space.fresh)
		memset(tlb, 0, sizeof(tlb));
	space.fresh = false;
}

// The walk of the shadow: what both levels allow, or 0.
static pte_t
shadow_walk(paddr_t root, uint32_t va)
{
	const pte_t *dir = P2V(root), *table;
	pte_t pde = dir[va >> 22];

	if (!(pde & PTE_P))
		return 0;
	table = P2V(PTE_ADDR(pde));
	return (table[va >> 12 & 1023] & ~6u) |
	       (table[va >> 12 & 1023] & pde & 6);
}

static bool
allows_access(pte_t e, uint err)
{
	if (!(e & PTE_P))
		return false;
	return (!(err & PF_W) || e & PTE_W) && (!(err & PF_U) || e & PTE_U);
}

// Is the fault, or the access (frame >= 0), one that the manual permits?
static bool
is_permitted(int i, uint err, bool fault, uint32_t frame)
{
	for (int k = 0; k < permitted[i].n; k++) {
		const struct translation *t = &permitted[i].t[k];
		bool ok = t->mapped && (!(err & PF_U) || t->perm & 4) &&
			  (!(err & PF_W) || t->perm & 2 ||
			   (!(err & PF_U) && !(space.rules.cr0 & CR0_WP)));

		if (fault ? !ok : ok && t->memory && t->frame == frame)
			return true;
	}
	return false;
}

// Is there a translation to check that leads out of the guest's memory?
static bool
leads_nowhere(int i)
{
	for (int k = 0; k < permitted[i].n; k++)
		if (!permitted[i].t[k].memory)
			return true;
	return false;
}

// Which page of the guest has this frame of the host? -1: none.
static int
guest_page(paddr_t frame)
{
	for (int i = 0; i < GPAGES; i++)
		if (host[i].frame && host[i].frame == frame)
			return i;
	return -1;
}

static uint32_t
word_of(uint32_t pa)
{
	uint32_t w = 0;

	if (guest_has(&mem, pa, 4))
		memcpy(&w, bytes_at(pa), 4);
	return w;
}

static void
check_bits(int i, uint err)
{
	uint32_t va = vas[i], pde, leaf;

	if (permitted[i].changed || !(space.rules.cr0 & CR0_PG))
		return;
	pde = leaf = word_of(PTE_ADDR(space.rules.cr3) + (va >> 22) * 4);
	if (!(pde & PTE_PS))
		leaf = word_of(PTE_ADDR(pde) + PTX(va) * 4);
	CHECK(pde & PTE_A && leaf & PTE_A);
	CHECK(!(err & PF_W) || leaf & PTE_D);
}

enum end { DONE, FAULTED, NOWHERE, NO_MORE, STUCK };

// One access of the guest. On DONE *frame is the host's.
static enum end
access(int i, uint err, paddr_t *frame)
{
	for (int tries = 0; tries < 12; tries++) {
		paddr_t root;
		uint32_t out = 0;
		int r;

		shadow_catch_up(&space);
		r = shadow_root(&space, &root);
		if (r)
			return r == -ENOMEM ? NO_MORE : NOWHERE;
		flush_if_told();
		if (!tlb[i].valid || !allows_access(tlb[i].entry, err)) {
			tlb[i].entry = shadow_walk(root, vas[i]);
			tlb[i].valid = tlb[i].entry & PTE_P;
		}
		*frame = PTE_ADDR(tlb[i].entry);
		if (tlb[i].valid && allows_access(tlb[i].entry, err))
			return DONE;
		tlb[i].valid = false; // a fault forgets it (4.10.4.1)
		r = shadow_fault(&space, vas[i], err, &out);
		if (r == SHADOW_INJECT)
			return FAULTED;
		if (r == SHADOW_NO_MEMORY)
			return NOWHERE;
		CHECK(r == SHADOW_FILL || (r == -ENOMEM && fail_in == 0));
	}
	return fail_in == 0 ? NO_MORE : STUCK;
}

// An access, with everything that must hold of it. Returns the guest's page
// that was reached, or -1.
static int
try(int i, uint err)
{
	paddr_t frame;
	enum end e = access(i, err, &frame);
	int page;

	CHECK(e != STUCK);
	if (e == FAULTED)
		CHECK(is_permitted(i, err, true, 0));
	if (e == NOWHERE)
		CHECK(leads_nowhere(i));
	if (e != DONE)
		return -1;
	page = guest_page(frame);
	CHECK(page >= 0);
	if (page < 0)
		return -1;
	CHECK(!(err & PF_W) || host[page].writable);
	CHECK(is_permitted(i, err, false, page * PGSIZE));
	check_bits(i, err);
	return page;
}

// ---- The guest --------------------------------------------------------------

static uint32_t
random_entry(bool directory)
{
	uint32_t e = rand() & 0x66; // W, U, A, D
	uint32_t page = rand() % (directory ? TABLES : GPAGES);

	if (rand() % 8 == 0)
		page = rand() % (2 * GPAGES); // some lead beyond the memory
	if (directory && rand() % 6 == 0)
		return e | PTE_P | PTE_PS | (rand() % 8 ? 0 : PDXSIZE);
	return e | page * PGSIZE | (rand() % 5 ? PTE_P : 0);
}

// The word that the guest changes: of a directory's or a table's used part.
static uint32_t
random_slot(bool *directory)
{
	uint32_t table = rand() % TABLES;
	uint32_t va = vas[rand() % VAS];

	*directory = rand() % 3 == 0;
	return table * PGSIZE + 4 * (*directory ? va >> 22 : va >> 12 & 1023);
}

// A store by an address that leads to the table now, if there is one.
static void
store(uint32_t pa, uint32_t e)
{
	for (int i = 0; i < VAS; i++) {
		struct translation t = walk_now(vas[i]);

		if (!t.memory || t.frame != PGROUNDDOWN(pa) || !(t.perm & 2))
			continue;
		if (try(i, PF_W) != (int)(pa / PGSIZE))
			continue;
		memcpy(bytes_at(pa), &e, 4);
		note_all();
		for (int k = 0; k < VAS; k++)
			permitted[k].changed = true;
		return;
	}
}

static void
store_entry(void)
{
	bool directory;
	uint32_t pa = random_slot(&directory);

	store(pa, random_entry(directory));
}

// What a kernel does: it changes the entry of an address that is in use, and
// says so.
static void
remap(int i)
{
	uint32_t pa = PTE_ADDR(space.rules.cr3) + (vas[i] >> 22) * 4;
	uint32_t pde = word_of(pa);
	bool directory = rand() % 4 == 0;

	try(i, 0);
	if (!directory && pde & PTE_P && !(pde & PTE_PS))
		pa = PTE_ADDR(pde) + PTX(vas[i]) * 4;
	if (guest_has(&mem, pa, 4))
		store(pa, rand() % 3 ? random_entry(directory)
				     : word_of(pa) & ~(PTE_A | PTE_D | PTE_W));
	try(i, 0);
	shadow_invlpg(&space, vas[i]);
	forget_page(vas[i]);
	try(i, rand() % 2 ? PF_W : 0);
}

// What must hold between two operations.
static void
check_shadows(void)
{
	list_for_each (t, &space.shadows, struct shadow, link)
		CHECK(t->kind != SHADOW_PRIVATE || t->parents);
	for (int p = 0; p < GPAGES; p++) {
		const struct frame *f = frame_of(&space, p * PGSIZE);

		CHECK(!f->shadows || f->unsynced || !f->writers);
		for (paddr_t e = f->writers; e; e = *chain_next(P2V(e)))
			CHECK(*(pte_t *)P2V(e) & PTE_W);
	}
}

static void
guest_step(void)
{
	int i = rand() % VAS;
	uint err = (rand() % 2 ? PF_W : 0) | (rand() % 2 ? PF_U : 0);

	switch (rand() % 20) {
	case 0:
	case 1:
	case 2:
	case 3: store_entry(); break;
	case 4:
		shadow_load_cr3(&space, rand() % 3 * PGSIZE);
		forget_all();
		break;
	case 5:
		shadow_invlpg(&space, vas[i]);
		forget_page(vas[i]);
		break;
	case 6: host_takes(&host[rand() % GPAGES]); break;
	case 7: // a device writes to a page
		shadow_device_write(&space, rand() % GPAGES * PGSIZE);
		break;
	case 8:
	case 9:
	case 10: remap(i); break;
	case 11: check_shadows(); break;
	default: try(i, err);
	}
}

// The first tables: addresses of the first directory entry are the guest's own
// frames, one for one, so that it can change its tables.
static void
first_tables(void)
{
	for (int p = 0; p < GPAGES; p++)
		for (int k = 0; k < PGSIZE / 4; k++) {
			uint32_t e = p < TABLES && rand() % 4 == 0
					     ? random_entry(k < 4 && p < 3)
					     : 0;

			memcpy(bytes_at(p * PGSIZE + k * 4), &e, 4);
		}
	for (int d = 0; d < 3; d++) {
		uint32_t e = 3 * PGSIZE | PTE_P | PTE_W;

		memcpy(bytes_at(d * PGSIZE), &e, 4);
	}
	for (int p = 0; p < GPAGES; p++) {
		uint32_t e = p * PGSIZE | PTE_P | PTE_W;

		memcpy(bytes_at(3 * PGSIZE + p * 4), &e, 4);
	}
}

static void
choose_addresses(void)
{
	for (int i = 0; i < VAS; i++)
		vas[i] = i < GPAGES / 2 ? (uint32_t)(i * PGSIZE)
					: (uint32_t)(rand() % 4) << 22 |
						  rand() % 64 << 12;
}

static uint32_t
random_mode(void)
{
	return CR0_PE | (rand() % 16 ? CR0_PG : 0) | (rand() % 6 ? CR0_WP : 0);
}

// All that the shadow had is given back.
static void
end_set(void)
{
	shadow_end(&space);
	for (int i = 0; i < GPAGES; i++) {
		if (host[i].frame)
			kfree(P2V(host[i].frame));
		host[i].frame = 0;
	}
	fail_in = -1;
	CHECK(objects == 0);
	CHECK(frames == 0);
}

// One set of tables, from an empty shadow to its end.
static void
one_set(uint seed)
{
	srand(seed);
	choose_addresses();
	memset(tlb, 0, sizeof(tlb));
	if (shadow_begin(&space, &mem, seed % 4 == 0)) {
		CHECK(fail_in == 0);
		end_set();
		return;
	}
	space.max = 4 + rand() % 20;
	first_tables();
	shadow_set_mode(&space, random_mode(), CR4_PSE);
	shadow_load_cr3(&space, 0);
	forget_all();
	for (int i = 0; i < ROUNDS; i++) {
		guest_step();
		if (rand() % 100 == 0) {
			shadow_set_mode(&space, random_mode(), CR4_PSE);
			shadow_load_cr3(&space, 0);
			forget_all();
		}
	}
	end_set();
}

int
main(int argc, char *argv[])
{
	uint sets = argc > 1 ? atoi(argv[1]) : 1500;

	arena = malloc(ARENA * PGSIZE);
	pages = calloc(ARENA, sizeof(*pages));
	shadow_init();
	uint first = argc > 2 ? atoi(argv[2]) : 1;
	for (uint seed = first; seed <= sets && failures < 1; seed++) {
		fail_in = seed % 10 == 0 ? (int)(seed % 300) : -1;
		one_set(seed);
		if (failures)
			printf("seed %u\n", seed);
	}
	free(arena);
	free(pages);
	printf("done: %u sets of a guest's page tables\n", sets);
	return failures > 0;
}
